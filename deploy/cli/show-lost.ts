import type { EventLog } from '@micropay/event-log/event-log'
import type { Commit } from '@micropay/schemas/log/commit'
import type { KeptEntry, KeptState } from '@micropay/write-side/state/kept-state'
import { findLostCommits, isOf, type LostCommit, type LostRecord, lostInLog, lostInState } from './lost-commits.ts'
import { type Moved, movedBy, movedText, sumText } from './moved.ts'
import { count, counted } from './progress.ts'
import { type VoidRecord, voidRecords } from './void-commits.ts'

/** What going on would lose: what stands in the log and does not count, and what only a worker's state knows. */
export type Lost = {
  readonly count: number
  /** For people: what was moved, payment by payment up to a bound, and a total for each currency. */
  readonly lines: readonly string[]
  /** All of it, read from the log once more: first what stands there, in its order, then what a state alone knows. */
  all(): AsyncIterable<LostCommit | LostRecord>
}

/** Memory grows with what only states know of, not with what stands in the log. */
export async function findLost(
  log: EventLog,
  partition: number,
  states: readonly Extract<KeptState, { kind: 'kept' }>[],
  signal: AbortSignal,
): Promise<Lost> {
  const inStates = await findLostCommits(log, partition, states, signal)
  const voids = newVoids()
  for await (const record of voidRecords(log, partition, signal)) {
    if (record.kind === 'unreadable') {
      voids.unreadable += 1
      voids.firstUnreadable ??= record
      continue
    }
    const { commit, suspect } = record
    take(voids, commit, suspect)
    const known = inStates.get(commit.seq)
    if (known && isOf(known, commit)) inStates.delete(commit.seq)
  }
  const only = [...inStates.values()].sort((a, b) => a.seq - b.seq)
  return {
    count: voids.commits + voids.unreadable + only.length,
    lines: [
      ...unreadableLines(partition, voids),
      ...voidLines(partition, voids),
      `  lost      ${stateText(partition, only, voids.commits)}`,
    ],
    async *all() {
      for await (const record of voidRecords(log, partition, signal)) {
        if (record.kind === 'commit') yield lostInLog(partition, record.commit)
        else yield { position: `${partition}:${record.seq}`, offset: String(record.offset), knownBy: 'nobody' }
      }
      for (const entry of only) yield lostInState(partition, entry)
    },
  }
}

/** So many payments are listed one by one. */
const MOST_SHOWN = 20

type Voids = {
  commits: number
  payments: number
  /** Commits that move nothing, by their events, or by the command that was refused. */
  readonly others: Map<string, number>
  first: number
  last: number
  suspect: Commit | undefined
  unreadable: number
  firstUnreadable: Extract<VoidRecord, { kind: 'unreadable' }> | undefined
  readonly shown: Moved[]
  postings: number
  readonly totals: Map<string, bigint>
}

function newVoids(): Voids {
  return {
    ...{ commits: 0, payments: 0, first: 0, last: 0, suspect: undefined, unreadable: 0, firstUnreadable: undefined },
    ...{ shown: [], postings: 0, totals: new Map(), others: new Map() },
  }
}

function take(voids: Voids, commit: Commit, suspect: Commit | undefined): void {
  const moved = movedBy(commit)
  if (voids.commits === 0) voids.first = commit.seq
  voids.commits += 1
  voids.last = commit.seq
  voids.suspect ??= suspect
  voids.payments += new Set(moved.map(({ paymentId }) => paymentId)).size
  voids.postings += moved.length
  if (moved.length === 0) {
    const kind = kindOf(commit)
    voids.others.set(kind, (voids.others.get(kind) ?? 0) + 1)
  }
  for (const one of moved) {
    if (voids.shown.length < MOST_SHOWN) voids.shown.push(one)
    // What leaves accounts in one leg comes to others in another.
    if (one.from === undefined) continue
    voids.totals.set(one.currency, (voids.totals.get(one.currency) ?? 0n) + BigInt(one.amount))
  }
}

/** `AccountChanged`, `AccountOpened with PayeeSaved`, `MakePayment refused`. */
function kindOf({ command, outcome, events }: Commit): string {
  if (outcome.kind === 'rejected') return `${command.type} refused`
  return [...new Set(events.map(({ type }) => type))].join(' with ') || `${command.type} without events`
}

/** The most frequent first: whoever resumes has to do these again, or to tell somebody. */
function otherLines(others: ReadonlyMap<string, number>): string[] {
  const kinds = [...others].sort(([a, most], [b, more]) => more - most || (a < b ? -1 : 1))
  if (kinds.length === 0) return []
  const total = kinds.reduce((sum, [, number]) => sum + number, 0)
  return [`  others    ${count(total)}: ${kinds.map(([kind, number]) => `${count(number)} ${kind}`).join(', ')}`]
}

/** What they held is known to nobody who reads the log: a state may know, and a copy. */
function unreadableLines(partition: number, { unreadable, firstUnreadable: first }: Voids): string[] {
  if (!first) return []
  const which = unreadable === 1 ? '' : ', the first'
  const where = `at offset ${first.offset} of the log, which was ${partition}:${first.seq} if it was a commit`
  return [`  gone      ${counted(unreadable, 'record')}${which} ${where}: overwritten`]
}

function voidLines(partition: number, voids: Voids): string[] {
  const { commits, payments, first, last, suspect, shown, postings, totals, others } = voids
  if (commits === 0) return []
  const more = postings - shown.length
  const sums = Array.from(totals, ([currency, minor]) => sumText(currency, minor)).sort()
  return [
    ...(suspect ? suspectLines(partition, suspect) : []),
    `  void      ${counted(commits, 'commit')}, ${rangeText(partition, first, last)}: in the log, and not counted`,
    ...shown.map((one) => `              ${movedText(one)}`),
    ...(more > 0 ? [`              and ${counted(more, 'more posting')}`] : []),
    `  moved     ${counted(payments, 'payment')} among them${sums.length > 0 ? `, ${sums.join(', ')}` : ''}`,
    ...otherLines(others),
  ]
}

/** What was changed mostly counts, as it stands now: whoever resumes accepts its amount. */
function suspectLines(partition: number, suspect: Commit): string[] {
  const moved = movedBy(suspect).map((one) => `              ${movedText(one)}`)
  return [`  counts    ${partition}:${suspect.seq} as it now stands, and it may be the one that was changed`, ...moved]
}

function stateText(partition: number, only: readonly KeptEntry[], voids: number): string {
  const [first] = only
  if (!first) return voids > 0 ? 'nothing else that a state knows of' : 'nothing that a state knows of'
  const where = rangeText(partition, first.seq, only.at(-1)?.seq ?? first.seq)
  return `${counted(only.length, 'commit')}, ${where}, that only a state knows of, without amounts`
}

function rangeText(partition: number, first: number, last: number): string {
  return first === last ? `at ${partition}:${first}` : `${partition}:${first} to ${partition}:${last}`
}
