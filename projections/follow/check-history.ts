import type { LogRecord } from '@micropay/event-log/event-log'
import type { Folded } from '@micropay/event-log/fold'
import type { FoldedBatch } from '@micropay/event-log/fold-batch'
import { foldBatch } from '@micropay/event-log/fold-batch'
import type { FoldState } from '@micropay/event-log/fold-state'
import { alarmError, compareHistory, completeFold, HistoryError, resumeBehind } from '@micropay/event-log/history'
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

type HistorySource = Pick<FollowSource, 'log' | 'schema'>

/** Up to where a person has accepted what no reader may go on over. */
export type History = { acceptedTo: bigint | undefined }

/**
 * Compares a checkpoint with the log, and answers it as it is kept now, with what a person has accepted behind it. One
 * of earlier code may have gone on over evidence, and is stopped by it.
 */
export async function openHistory(
  source: HistorySource & Pick<FollowSource, 'logger'>,
  checkpoint: FoldState,
  signal: AbortSignal,
): Promise<{ readonly start: FoldState; readonly history: History }> {
  await checkHistory(source, checkpoint, signal)
  const start = (await completeFold(source.log, checkpoint, signal)) ?? checkpoint
  if (start !== checkpoint) {
    const facts = { schema: source.schema, partition: start.partition, seq: start.seq }
    source.logger.info(facts, 'the checkpoint is of earlier code: the log leads to it, and it is gone on from')
  }
  const acceptedTo = start.alarm ? await resumeBehind(source.log, start, signal) : undefined
  if (start.alarm && acceptedTo === undefined) throw alarmError(start)
  return { start, history: { acceptedTo } }
}

/**
 * Folds a batch of a live log. Records that do not count, and claims, may be the first sign that the log was cut and
 * has grown anew meanwhile, so what was read before is compared then; at evidence of a changed history the batch ends
 * with its error, unless a resume further on accepts it.
 */
export async function foldFollowed(
  source: Pick<FollowSource, 'log' | 'schema' | 'partitions'>,
  history: History,
  before: FoldState,
  records: readonly LogRecord[],
  signal: AbortSignal,
): Promise<FoldedBatch> {
  const fold = () => foldBatch(before, records, { partitions: source.partitions, acceptedTo: history.acceptedTo })
  const folded = fold()
  const isEvidence = folded.error instanceof HistoryError
  if (isEvidence || folded.folds.some((one) => mayFollowAnything(one.folded)))
    await checkHistory(source, before, signal)
  if (!isEvidence) return folded
  history.acceptedTo = await resumeBehind(source.log, folded.state, signal)
  return history.acceptedTo === undefined ? folded : fold()
}

/** Only commits say what they follow. */
function mayFollowAnything({ kind }: Folded): boolean {
  return kind === 'void' || kind === 'claimed'
}
