import type { LogRecord, NewRecord } from '@micropay/event-log/event-log'
import type { FoldState } from '@micropay/event-log/fold-state'
import { outcomeOf } from '@micropay/schemas/api/problem'
import { placeOfId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import { isOwnStep } from '@micropay/schemas/log/event'
import { type LedgerCommand, partitionFor } from '@micropay/write-side/decide/decide'
import type { CommandRequest, CommandResult } from '@micropay/write-side/handle/command'
import { scopedKeyIn, scopedKeyOf } from '@micropay/write-side/state/partition-state'
import type { Attempt } from '../attempt.ts'
import { checkRefusal, createBodies, createDrafts } from '../drafts.ts'
import { BEGINNING_MS } from '../process.ts'
import type { Fail } from '../violation.ts'
import { createDeeds, type Deeds } from './deeds.ts'
import { createGivenBack } from './given-back.ts'
import { isGone } from './lost-spans.ts'
import { createOutcomes, type Outcomes } from './outcomes.ts'
import { brokenIn, reasonsAgainst } from './partition-rules.ts'
import { PARTITIONS } from './partitions.ts'
import { isLocked } from './period-rules.ts'
import { createReadLogs } from './read-logs.ts'
import { wrongInStep } from './step-rules.ts'
import { createTimesOver } from './time-over.ts'
import { createTold, type Told } from './told.ts'
import { isTransit, type Leg, legsOn, type Truth } from './truth.ts'

/** Sees all logs and every answer, and says which rule they break, by code of its own. */
export type Oracle = {
  /** A caller asks for this under its key. */
  asked(request: CommandRequest): void
  /** A process hands records to a log: they may arrive, once, twice or never. */
  sent(partition: number, process: string, records: readonly NewRecord[]): void
  appended(partition: number, records: readonly LogRecord[]): void
  /** The end of a log is gone: these records are left. */
  lost(partition: number, records: readonly LogRecord[]): void
  /** The highest seq, and epoch, that any log of the partition ever had. */
  given(partition: number): { readonly seq: number; readonly epoch: number }
  answered(partition: number, attempt: Attempt, result: CommandResult): void
  readonly truths: readonly Truth[]
  readonly outcomes: Outcomes
  readonly told: Told
  readonly deeds: Deeds
  fold(partition: number): FoldState
}

export type OracleOptions = {
  nowMs(): number
  readonly fail: Fail
}

/** So far from the true time may `decidedAt` be. */
const CLOCK_BOUND_MS = 5 * 60_000

export function createOracle({ nowMs, fail }: OracleOptions): Oracle {
  const logs = createReadLogs(fail)
  const { truths } = logs
  const drafts = truths.map(() => createDrafts(nowMs))
  const bodies = createBodies()
  const outcomes = createOutcomes((paymentId) => isGone(truths, placeOfId(paymentId)))
  const told = createTold(truths, fail)
  const deeds = createDeeds(truths)
  const timesOver = createTimesOver()
  let givenBack = createGivenBack()

  function count(truth: Truth, commit: Commit, hash: string): void {
    const where = `${truth.partition}:${commit.seq}`
    const step = { commit, truth, truths }
    const is = (rule: string, detail: string | undefined) => detail && fail({ rule, detail: `${where} ${detail}` })
    const key = scopedKeyIn(commit)
    const draft = drafts[truth.partition]
    if (key !== undefined && truth.keys.has(key)) is('one key, one commit', `${key} counts again`)
    if (draft?.isDenied(commit)) is('nothing was appended', `${key} counts, and its caller was told so`)
    is('decided rightly', wrongCommand(commit, bodies.of(key ?? '').get(commit.requestHash ?? ''), truth))
    is('each step rests on what was said', wrongInStep(step))
    is('never more given back than is left', givenBack.take(commit, truth))
    is('nothing is let go before its time', timesOver.take(commit, draft?.sentMs(commit) ?? 0))
    const broken = outcomes.take(truth.partition, commit)
    if (broken) fail(broken)
    const last = truth.commits.at(-1)?.commit.decidedAt ?? ''
    if (commit.decidedAt < last) is('time goes on', `is decided at ${commit.decidedAt}, after ${last}`)
    const apartMs = Math.abs(Date.parse(commit.decidedAt) - BEGINNING_MS - (draft?.sentMs(commit) ?? 0))
    if (apartMs > CLOCK_BOUND_MS) is('time is near the true time', `${apartMs} ms apart`)
    deeds.counted(truth, commit)
    truth.enter(commit, hash)
    const wrong = brokenIn(truth)
    if (wrong) is(wrong.rule, wrong.detail)
  }
  return {
    ...{ truths, outcomes, told, deeds },
    ...{ fold: logs.fold, given: logs.given },
    asked: bodies.ask,
    sent: (partition, process, records) => drafts[partition]?.sent(process, records),
    appended: (partition, records) => logs.read(partition, records, count),
    lost(partition, records) {
      const truth = logs.restore(partition, records)
      outcomes.restore(
        partition,
        truth.commits.map(({ commit }) => commit),
      )
      told.restore(truth)
      givenBack = createGivenBack()
      for (const each of truths) for (const { commit } of each.commits) givenBack.take(commit, each)
    },
    answered(partition, attempt, result) {
      const { request } = attempt
      const truth = truths[partition]
      if (!truth) return
      deeds.answered(request, result)
      if (result.kind !== 'refused') return told.answered(attempt, result, truth)
      const { code } = result
      const key = scopedKeyOf(request)
      checkRefusal(key, code, bodies.of(key).size, fail)
      const counted = truth.keys.get(key)?.commit
      if (outcomeOf({ code }) === 'none' && drafts[partition]?.deny(attempt, counted)) {
        fail({ rule: 'nothing was appended', detail: `${key} counts, and its caller was told ${code}` })
      }
    },
  }
}

const refusedFor = new Set([
  ...['account_not_found', 'account_closed', 'account_frozen', 'currency_mismatch', 'insufficient_funds'],
])

/** A command's commit was asked for, moves what was asked, and is refused for a reason that there is. */
function wrongCommand(commit: Commit, asked: LedgerCommand | undefined, truth: Truth): string | undefined {
  const { type } = commit.command
  if (isOwnStep(type)) return undefined
  if (!asked || asked.type !== type) return `holds ${type}, and nobody asked for it`
  if (partitionFor(asked, PARTITIONS) !== truth.partition) return 'is decided by another partition'
  if (asked.type !== 'MakePayment') return undefined
  const { postings, legs } = asked.data
  const wanted: readonly Leg[] =
    legs ??
    (postings ?? []).flatMap(({ from, to, amount, currency }) => [
      { account: from, amount: `-${amount}`, currency },
      { account: to, amount, currency },
    ])
  if (commit.outcome.kind === 'rejected') {
    const { code } = commit.outcome
    if (code === 'period_closed' && !isLocked(asked.data.effectiveAt, { truth })) return 'its days are open'
    const reasons = reasonsAgainst(legsOn(truth.partition, wanted), truth)
    return refusedFor.has(code) && !reasons.has(code) ? `is refused as ${code}, and nothing is against it` : undefined
  }
  const moved = commit.events.find(({ type }) => type === 'PaymentPosted' || type === 'PaymentInitiated')?.data
  const written = moved && 'legs' in moved ? moved.legs.filter(({ account }) => !isTransit(account)) : []
  return textOf(written) === textOf(wanted) ? undefined : `moves ${textOf(written)}`
}

function textOf(legs: readonly Leg[]): string {
  return legs.map(({ account, amount, currency }) => `${account} ${amount} ${currency}`).join(', ')
}
