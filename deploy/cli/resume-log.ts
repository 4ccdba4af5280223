import { join } from 'node:path'
import { appendResume } from '@micropay/event-log/append-resume'
import { type EventLog, LogError } from '@micropay/event-log/event-log'
import { FoldError, type FoldErrorCode } from '@micropay/event-log/fold'
import { foldLog } from '@micropay/event-log/fold-log'
import { type FoldState, initialFold } from '@micropay/event-log/fold-state'
import { compareHistory } from '@micropay/event-log/history'
import { findPartitions } from '@micropay/event-log/ledger-partitions'
import type { Clock } from '@micropay/runtime/clock'
import { encodeGenesis } from '@micropay/schemas/log/ledger-record'
import { PLACEMENT } from '@micropay/schemas/placement'
import { formatPosition } from '@micropay/schemas/position'
import { InputError } from '@micropay/sdk/input-error'
import { verifyPartition } from '@micropay/write-side/verify/verify-partition'
import { type Known, type KnownFolds, type KnownSources, openKnownFolds } from './known-folds.ts'
import { writeLostCommits } from './lost-commits.ts'
import { isMissing, missingRecords } from './missing-records.ts'
import { findLost, type Lost } from './show-lost.ts'
import { madeGoodLines } from './show-made-good.ts'

export type ResumeRequest = {
  readonly partition: number
  /** Who decides, and why: both stand in the log for ever. Undefined where only a look is asked for. */
  readonly actor: string | undefined
  readonly reason: string | undefined
  readonly yes: boolean
  /** Also where nobody is left who would know what is lost. */
  readonly mayHaveLost?: boolean
}

export type ResumeOptions = ResumeRequest & {
  readonly log: EventLog
  /** Of the installation, for a log that is empty and says nothing itself. */
  readonly ledgerId: string | undefined
  readonly sources: KnownSources
  /** Where what is lost is listed. */
  readonly directory: string
  readonly clock: Clock
  readonly print: (line: string) => void
}

/**
 * Shows what is wrong with a partition's history and what going on from there would lose, and with `yes` appends the
 * resume from which everybody goes on. True once it counts. Throws InputError where nothing is wrong, a worker serves
 * the partition, or somebody who may know more cannot be asked.
 */
export async function resumeLog(options: ResumeOptions): Promise<boolean> {
  const { log, partition, clock, print } = options
  const signal = new AbortController().signal
  const state = await foldOf(log, partition, signal)
  const ledgerId = state.genesis?.ledgerId ?? options.ledgerId
  // Whoever keeps a fold of the right one would say that it knows of nothing.
  if (options.ledgerId !== undefined && ledgerId !== options.ledgerId) {
    throw new InputError(`the log holds the ledger ${ledgerId}, and ours is ${options.ledgerId}: ${restoreGenesis}`)
  }
  if (ledgerId === undefined) throw new InputError('the log is empty: name its ledger by LEDGER_ID')
  const folds = await openKnownFolds(options.sources, { ledgerId, partition }, clock)
  try {
    const wrong = await findWrong(options, state, folds.known, signal)
    if (wrong.length === 0 && options.mayHaveLost) wrong.push(unnoticed)
    if (wrong.length === 0) return await showMadeGood(options, signal)
    const lost = await findLost(log, partition, folds.states, signal)
    for (const line of findings(state, folds, wrong, lost)) print(line)
    return await decide(options, { ledgerId, state, folds, lost, signal })
  } finally {
    await folds.close()
  }
}

/** What became of the payments that an earlier resume has touched, where there is nothing to resume any more. */
async function showMadeGood({ log, partition, yes, print }: ResumeOptions, signal: AbortSignal): Promise<boolean> {
  const lines = await madeGoodLines(log, partition, signal)
  for (const line of lines) print(line)
  if (yes || lines.length === 0) {
    throw new InputError(`nothing is wrong with partition ${partition}: there is nothing to resume`)
  }
  return true
}

type Found = {
  readonly ledgerId: string
  readonly state: FoldState
  readonly folds: KnownFolds
  readonly lost: Lost
  readonly signal: AbortSignal
}

async function decide(options: ResumeOptions, found: Found): Promise<boolean> {
  const { log, partition, actor, reason, yes, clock, print, directory } = options
  const { ledgerId, state, folds, lost, signal } = found
  const unknown = options.mayHaveLost ? mostDecidedSince(state.decidedAt, clock) : MAY_BE_UNKNOWN
  const aboveSeq = roomAbove(Math.max(state.seq, ...folds.known.map(({ fold }) => fold.seq)), unknown)
  const epochs = [state.epoch, ...folds.known.map(({ fold }) => fold.epoch)]
  if (!yes || !actor || !reason) {
    const lost = options.mayHaveLost ? ' --lost' : ''
    print(`Nothing was done. If it cannot be put right: micropay resume${lost} --actor NAME --reason TEXT --yes`)
    print(`The ledger would go on at ${formatPosition({ partition, seq: aboveSeq + 1 })}.`)
    return false
  }
  await refuseServed(log, state, clock, signal)
  if (lost.count > 0) {
    const path = join(
      directory,
      `lost-${partition}-${new Date(clock.nowMs()).toISOString().replaceAll(':', '')}.ndjson`,
    )
    await writeLostCommits(path, lost.all())
    print(`What does not count any more is listed in ${path}.`)
  }
  if (state.offset === 0n) await beginAgain(options, ledgerId)
  const resume = await appendResume(log, partition, {
    ...{ ledgerId, actor, reason, aboveSeq, clock, signal, seenTo: state.offset },
    ...{ aboveEpoch: Math.max(...epochs), lowestEpoch: Math.min(...epochs) },
  }).catch((cause: unknown) => {
    throw cause instanceof LogError ? new InputError(`it was not resumed: ${cause.message}`, { cause }) : cause
  })
  print(`Resumed at ${formatPosition({ partition, seq: resume.seq })}, epoch ${resume.epoch}.`)
  print('Workers and read models see it within a minute and go on by themselves; what held more is built anew.')
  print('What the last verification found is said until the next one: micropay verify.')
  if ((state.genesis?.partitions ?? 1) > 1) {
    print(`What other partitions make of it: micropay resume --partition ${partition}, once they have said so.`)
  }
  return true
}

/**
 * The positions behind the last one that anybody knows of were given as well, as far as anybody knows: what is kept
 * lags behind the log. The next round million is told apart at a glance.
 */
function roomAbove(seq: number, unknown: number): number {
  return Math.ceil((seq + unknown) / ROUND) * ROUND - 1
}

const MAY_BE_UNKNOWN = 100_000
const ROUND = 1_000_000

/** What is lost was decided since the newest commit that is there, and no partition decides more a second. */
function mostDecidedSince(decidedAt: string, clock: Clock): number {
  const sinceMs = clock.nowMs() - (Date.parse(decidedAt) || 0)
  return Math.min(MOST_LOST, Math.max(MAY_BE_UNKNOWN, (sinceMs / 1000) * MOST_A_SECOND))
}

const MOST_A_SECOND = 50_000
/** More than any partition has lost; positions further ahead would be taken for changed ones. */
const MOST_LOST = 5_000_000_000

/** The fold of the whole partition, whatever stands in it. */
async function foldOf(log: EventLog, partition: number, signal: AbortSignal): Promise<FoldState> {
  try {
    return await foldLog(log, initialFold(partition), { signal, until: await log.end(partition) })
  } catch (error) {
    const missing = isMissing(error) ? await missingRecords(log, partition, signal) : undefined
    if (missing !== undefined) throw new InputError(missing, { cause: error })
    const advice = error instanceof FoldError ? adviceOf[error.code] : 'make it reachable first'
    throw new InputError(`the log cannot be read: ${error instanceof Error ? error.message : error}: ${advice}`, {
      cause: error,
    })
  }
}

const restoreGenesis =
  'no resume helps, since nothing else in the log says whose it is: name the right log, or restore its first record'

const adviceOf: Readonly<Record<FoldErrorCode, string>> = {
  unknown_record: 'no resume helps, since only newer code can say what it means: where none has written, restore it',
  no_genesis: restoreGenesis,
  wrong_ledger: restoreGenesis,
  offset_gap: 'no resume helps, since records are missing between others: restore them',
}

/** What a person would accept: evidence in the log, what does not lead there any more, and a time that jumped. */
async function findWrong(
  { log, partition, clock }: ResumeOptions,
  state: FoldState,
  known: readonly Known[],
  signal: AbortSignal,
): Promise<string[]> {
  const wrong: string[] = []
  if (state.alarm) {
    const { verification } = await verifyPartition(log, partition, { clock, signal })
    wrong.push(...verification.faults.map(({ detail }) => detail))
  }
  for (const { who, fold } of known) {
    const compared = await compareHistory(log, fold, signal)
    if (compared.kind === 'stopped' && !(state.alarm && fold.alarm)) wrong.push(`${who}: ${compared.error.message}`)
  }
  const aheadMs = (Date.parse(state.decidedAt) || 0) - clock.nowMs()
  if (aheadMs > AHEAD_MS && state.decidedAt !== state.acceptedDecidedAt) {
    wrong.push(`the last decision is stamped ${state.decidedAt}, and this host has ${instant(clock)}`)
  }
  return wrong
}

const AHEAD_MS = 120_000
const unnoticed = 'more may have been acknowledged than the log holds, as whoever resumes says: nobody else knows of it'
const instant = (clock: Clock) => new Date(clock.nowMs()).toISOString()

function findings(state: FoldState, folds: KnownFolds, wrong: readonly string[], lost: Lost) {
  const { known, notes } = folds
  return [
    `partition ${state.partition}: the log counts up to ${formatPosition(state)}, epoch ${state.epoch}`,
    ...wrong.map((line) => `  WRONG     ${line}`),
    ...known.map(({ who, fold }) => `  known     ${formatPosition(fold)}, epoch ${fold.epoch}, by ${who}`),
    ...notes.map((note) => `  known     nothing: ${note}`),
    ...lost.lines,
  ]
}

/** A worker that serves shows that it lives by a heartbeat every few seconds: whoever went on now would depose it. */
async function refuseServed(log: EventLog, state: FoldState, clock: Clock, signal: AbortSignal): Promise<void> {
  const before = await log.end(state.partition)
  await clock.sleep(SERVED_WITHIN_MS, signal)
  if ((await log.end(state.partition)) === before) return
  throw new InputError(
    `a worker writes to partition ${state.partition}: stop it first, since going on would take the partition from it`,
  )
}

/** Longer than the time between two heartbeats of a worker that has nothing to do. */
const SERVED_WITHIN_MS = 7_000

/** A log that is empty begins with the genesis that it had. */
async function beginAgain({ log, partition, clock }: ResumeOptions, ledgerId: string): Promise<void> {
  const partitions = await findPartitions(log)
  const appender = await log.openAppender(partition)
  const genesis = { ledgerId, partition, partitions, placement: PLACEMENT, hash: 'sha-256' } as const
  try {
    await appender.append([{ key: '', value: encodeGenesis({ ledgerId, partition }, genesis, instant(clock)) }])
  } finally {
    await appender.close()
  }
}
