import type { ReadOptions } from '@micropay/event-log/event-log'
import type { Folded } from '@micropay/event-log/fold'
import { type FoldedBatch, foldBatch } from '@micropay/event-log/fold-batch'
import type { FoldState } from '@micropay/event-log/fold-state'
import {
  alarmError,
  compareHistory,
  completeFold,
  differenceFrom,
  HistoryError,
  resumeBehind,
} from '@micropay/event-log/history'
import { formatPosition } from '@micropay/schemas/position'
import type { FollowSource } from './follow-run.ts'

/**
 * A person has decided that the ledger goes on from before what this version holds: it is to be built anew, and cannot
 * be followed.
 */
export class SupersededError extends Error {
  readonly code = 'superseded'
}

/** Throws HistoryError where the log leads to that fold no longer, and SupersededError where a person accepted that. */
export async function checkHistory(source: HistorySource, fold: FoldState, signal: AbortSignal): Promise<void> {
  const compared = await compareHistory(source.log, fold, signal)
  if (compared.kind === 'follows') return
  if (compared.kind === 'stopped') throw compared.error
  const held = `${source.schema} holds up to ${formatPosition(fold)}`
  throw new SupersededError(`${held}, of a history that a person has given up by a resume: it must be built anew`)
}

type HistorySource = Pick<FollowSource, 'log' | 'schema' | 'partitions' | 'logger'>

export type History = {
  /** The checkpoint as it is kept now. */
  readonly start: FoldState
  /** Up to where a person has accepted what no reader may go on over. */
  acceptedTo: bigint | undefined
  /** The offset of the fold that the log was last compared with. */
  comparedAt: bigint
}

/**
 * Compares a checkpoint with the log, and answers it as it is kept now, with what a person has accepted behind it. One
 * of earlier code may have gone on over evidence, and is stopped by it.
 */
export async function openHistory(source: HistorySource, checkpoint: FoldState, signal: AbortSignal): Promise<History> {
  await checkHistory(source, checkpoint, signal)
  const start = (await completeFold(source.log, checkpoint, signal)) ?? checkpoint
  if (start !== checkpoint) {
    const facts = { schema: source.schema, partition: start.partition, seq: start.seq }
    source.logger.info(facts, 'the checkpoint is of earlier code: the log leads to it, and it is gone on from')
  }
  const acceptedTo = start.alarm ? await resumeBehind(source.log, start, signal) : undefined
  if (start.alarm && acceptedTo === undefined) throw alarmError(start)
  return { start, acceptedTo, comparedAt: start.offset }
}

/** What was folded behind the state `from`. */
export type FollowedBatch = FoldedBatch & { readonly from: FoldState }

/**
 * Folds the log on from where its history was opened, for as long as the signal allows. Records that do not count, and
 * claims, may be the first sign that the log was cut and has grown anew meanwhile, so what was read before is compared
 * then. The batch that ends in front of what no reader may go on over has its `error`, which is thrown behind it;
 * HistoryError is thrown, too, where the log does not lead to what was folded, and SupersededError where a person has
 * accepted that.
 */
export async function* followHistory(
  source: HistorySource,
  history: History,
  reading: ReadOptions,
): AsyncGenerator<FollowedBatch> {
  const { log, partitions } = source
  let from = history.start
  for await (const records of log.read(from.partition, from.offset, reading)) {
    const fold = () => foldBatch(from, records, { partitions, acceptedTo: history.acceptedTo })
    let folded = fold()
    if (isDue(history, from, folded)) {
      const difference = await differenceFrom(log, from, await log.end(from.partition), reading.signal)
      if (difference) await checkHistory(source, from, reading.signal)
      history.comparedAt = from.offset
    }
    while (folded.error instanceof HistoryError) {
      const acceptedTo = await resumeBehind(log, folded.state, reading.signal)
      if (acceptedTo === undefined) break
      history.acceptedTo = acceptedTo
      folded = fold()
    }
    // It ends here, unless a person has given up what this reader holds.
    if (folded.error instanceof HistoryError) await checkHistory(source, from, reading.signal)
    yield { ...folded, from }
    if (folded.error) throw folded.error
    from = folded.state
  }
}

/**
 * To compare reads all records behind the newest commit. In a long run of those that do not count it is done again only
 * once the run has doubled, so that to follow a log reads each of its records a few times, however many count.
 */
function isDue({ comparedAt }: History, { countedAt, offset }: FoldState, { folds, error }: FoldedBatch): boolean {
  if (error instanceof HistoryError) return true
  if (!folds.some((one) => mayFollowAnything(one.folded))) return false
  const compared = comparedAt - countedAt
  return offset - countedAt <= SHORT_RUN || offset - countedAt >= 2n * compared
}

const SHORT_RUN = 200n

/** Only commits say what they follow. */
function mayFollowAnything({ kind }: Folded): boolean {
  return kind === 'void' || kind === 'claimed'
}
