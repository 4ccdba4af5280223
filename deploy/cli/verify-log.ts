import type { EventLog } from '@micropay/event-log/event-log'
import { judgeFold } from '@micropay/event-log/evidence'
import { type Ended, tellVerification } from '@micropay/read-side/audit/tell-verification'
import { type Clock, systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import type { Verification } from '@micropay/schemas/api/audit'
import { formatPosition } from '@micropay/schemas/position'
import { InputError } from '@micropay/sdk/input-error'
import { verifyPartition } from '@micropay/write-side/verify/verify-partition'
import type { KeptVerifications } from './kept-verifications.ts'
import { askDatabases, type KnownSources } from './known-folds.ts'
import { count, counted, type Progress, showProgress, type Terminal } from './progress.ts'

export type VerifyOptions = {
  readonly log: EventLog
  /** Which partition; all that the genesis record names when left out. */
  readonly partition: number | undefined
  /** What earlier verifications have left, to compare with and to go on from; undefined to keep nothing. */
  readonly kept: KeptVerifications | undefined
  /** Who has read the log and keeps how far; nothing for those who are to be judged by the log alone. */
  readonly sources: Pick<KnownSources, 'databases' | 'leases'>
  readonly print: (line: string) => void
  readonly terminal: Terminal
  readonly clock?: Clock
}

/**
 * Folds the log from its first record, with no service between, and prints what it found; true when all of it is sound.
 * Where a partition is sound, what it was verified to is kept for the next time. What was found is told to the audit,
 * which tells all who look.
 */
export async function verifyLog(options: VerifyOptions): Promise<boolean> {
  const { partition, kept, print } = options
  const first = await verifyOne(options, partition ?? 0)
  if (first.verification.records === 0 && first.verdict !== 'unsound') {
    print('The log is empty: nothing was verified.')
    return false
  }
  const verdicts = [first.verdict]
  const others = partition === undefined ? (first.verification.partitions ?? 1) : 0
  for (let other = 1; other < others; other += 1) verdicts.push((await verifyOne(options, other)).verdict)
  const sound = !verdicts.includes('unsound')
  const asFar = verdicts.includes('as far as known') ? ', as far as it could be compared' : ''
  if (!kept) print('Where it was verified to is not kept: name a file by --checkpoint.')
  else if (sound) print(`Where it was verified to is kept in ${kept.path}: keep a copy of it elsewhere.`)
  print(sound ? `The log is sound${asFar}.` : 'The log is NOT sound.')
  return sound
}

type Verified = {
  readonly verification: Verification
  /** Of the log by itself, and compared with what those know who have read it, as far as they could be asked. */
  readonly verdict: 'sound' | 'as far as known' | 'unsound'
}

type Compared = Pick<Verified, 'verdict'> & { readonly contradictedBy: readonly string[] }

async function verifyOne(options: VerifyOptions, partition: number): Promise<Verified> {
  const { log, kept, print, terminal, clock = systemClock } = options
  let progress: Progress | undefined
  const { verification, fold } = await verifyPartition(log, partition, {
    ...{ clock, signal: new AbortController().signal, kept: kept?.of(partition) },
    onProgress: (records, of) => {
      progress ??= showProgress(terminal, `partition ${partition}`, of, clock)
      progress.advance(records)
    },
  }).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message || cause.name : String(cause)
    throw new InputError(`the log cannot be read: ${reason}`, { cause })
  })
  progress?.end()
  for (const line of verificationLines(verification)) print(line)
  const compared = verification.sound ? await compareKnown(options, verification, clock) : undefined
  const verdict = compared?.verdict ?? 'unsound'
  if (verdict !== 'unsound' && verification.records > 0) {
    await kept?.keep(partition, { at: new Date(clock.nowMs()).toISOString(), fold })
  }
  if (verdict === 'unsound' || verification.records > 0) {
    await tellAudit(options, { verification, fold, index: null, contradictedBy: compared?.contradictedBy ?? [] })
  }
  return { verification, verdict }
}

/** A log that lost its end is sound by itself: whoever has read it knows better. */
async function compareKnown(
  { log, sources, print }: VerifyOptions,
  { ledgerId, partition }: Verification,
  clock: Clock,
): Promise<Compared> {
  if (ledgerId === null) return { verdict: 'sound', contradictedBy: [] }
  const { known, notes, away } = await askDatabases(sources, { ledgerId, partition }, clock)
  const contradictedBy: string[] = []
  for (const { who, fold } of known) {
    const judged = await judgeFold(log, fold, new AbortController().signal)
    print(`  known     ${formatPosition(fold)}, epoch ${fold.epoch}, by ${who}`)
    if (judged.kind !== 'stopped') continue
    print(`  FAULT     ${who}: ${judged.error.message}`)
    contradictedBy.push(who)
  }
  for (const note of [...notes, ...away]) print(`  known     nothing: ${note}`)
  const otherwise = away.length > 0 ? 'as far as known' : 'sound'
  return { verdict: contradictedBy.length > 0 ? 'unsound' : otherwise, contradictedBy }
}

/** What only a terminal has said is known to nobody tomorrow: status, the pages and `start` ask the audit. */
async function tellAudit(
  { sources, print }: VerifyOptions,
  found: Required<Omit<Ended, 'by' | 'tenant'>>,
): Promise<void> {
  const url = sources.databases.audit
  if (url === undefined) {
    const isFault = !found.verification.sound || found.contradictedBy.length > 0
    if (isFault) print('  told      nobody: name AUDIT_DATABASE_URL, and micropay status and the pages say it, too')
    return
  }
  try {
    await tellVerification(url, { ...found, by: 'micropay verify' }, createLogger('micropay', 'silent'))
    print('  told      the audit: micropay status and the pages say it, too, until the next verification')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    print(`  told      nobody: the database of audit does not take it: ${reason}`)
  }
}

/** What people read; the hash stands on a line of its own, to be compared with another's. */
export function verificationLines(found: Verification): string[] {
  const { voids } = found
  const voided = Object.entries(voids).filter(([, number]) => number > 0)
  const ofLedger = found.ledgerId === null ? 'which is empty' : `of the ledger ${found.ledgerId}`
  const kinds = [
    counted(found.commits, 'commit'),
    counted(found.claims, 'claim'),
    counted(found.heartbeats, 'heartbeat'),
  ].join(', ')
  const rate =
    found.durationMs > 0 ? `, ${counted(Math.round((found.records * 1000) / found.durationMs), 'record')} a second` : ''
  return [
    `partition ${found.partition}, ${ofLedger}: ${counted(found.records, 'record')} in ${(found.durationMs / 1000).toFixed(1)} s${rate}`,
    `  counted   ${kinds}${found.ignored > 0 ? `, ${count(found.ignored)} ignored` : ''}`,
    `  void      ${voided.length === 0 ? 'none' : voided.map(([reason, number]) => `${count(number)} ${reason}`).join(', ')}`,
    `  position  ${found.partition}:${found.seq}, epoch ${found.epoch}, ${counted(found.accounts, 'account')}`,
    `  sums      ${found.sums.map(({ currency, amount }) => `${currency} ${amount}`).join(', ') || 'nothing moved yet'}`,
    `  hash      ${found.hash || 'none'}`,
    ...(found.comparedWith
      ? [`  compared  with ${found.comparedWith.position}, verified on ${found.comparedWith.at}`]
      : ['  compared  with nothing: it is verified here for the first time']),
    ...found.accepted.map(
      ({ position, previous, actor, reason, resumedAt }) =>
        `  resumed   at ${position} from ${previous} by ${actor} on ${resumedAt}: ${reason}`,
    ),
    ...found.sealedOtherwise.map(
      ({ tenant, periodId, through, seq, sealed, booked }) =>
        `  period    ${periodId} of ${tenant}, up to ${through}, at seq ${seq} seals ${sealed}, and what was booked ` +
        `gives ${booked}: no fault of the log; reopen it, and close it by the checklist`,
    ),
    ...found.faults.map(
      ({ code, seq, detail }) => `  FAULT     ${code}${seq === null ? '' : ` at seq ${seq}`}: ${detail}`,
    ),
    ...(found.faultCount > found.faults.length
      ? [`  and ${counted(found.faultCount - found.faults.length, 'more fault')}`]
      : []),
  ]
}
