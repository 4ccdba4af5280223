import { FoldError } from '@micropay/event-log/fold'
import { foldLog, orFoldError } from '@micropay/event-log/fold-log'
import { type FoldState, readFold, storeFold } from '@micropay/event-log/fold-state'
import { alarmError, compareHistory, HistoryError, resumeBehind } from '@micropay/event-log/history'
import type { Ownership } from './ownership.ts'
import { isEvidence } from './stop-reason.ts'

/**
 * Tells all workers of the partition what this one knows of the log and does not find there any more. Not the finding
 * is told but the fold, so that each looks for itself, and nobody has to take it back. What another worker knows is
 * told by that one, for as long as it knows it.
 */
export async function shareEvidence({ stop, lease, log, partition }: Ownership): Promise<void> {
  if (stop?.kind !== 'evidence' || !stop.fold) return
  await lease
    .tell(JSON.stringify(storeFold(stop.fold)))
    .catch((error: unknown) => log.warn({ err: error, partition }, 'the other workers could not be told of evidence'))
}

export const SHARE_EVERY_MS = 10_000

/**
 * Throws while what stopped this worker, or another one, still stands: asked before anything is decided, and every few
 * seconds from then on. Who is waited for asks what the others say (`askTold`) before the log, and not behind it.
 */
export async function checkEvidence(owner: Ownership, told = askTold(owner)): Promise<void> {
  const { stop } = owner
  const own = stop?.kind === 'evidence' && stop.fold && (await evidenceOf(owner, stop.fold))
  if (own) throw own
  for (const { ownerId, fold } of await told) {
    const error = await evidenceOf(owner, fold)
    if (error) throw new ToldError(error, ownerId)
  }
}

/** What another worker knows. */
export class ToldError extends HistoryError {
  constructor(cause: Error, ownerId: string) {
    super(cause instanceof HistoryError ? cause.code : 'record_changed', `${cause.message}, says ${ownerId}`, { cause })
  }
}

/**
 * A database of leases that does not answer keeps nobody from serving, but for who was told to stop: that it does not
 * answer disproves nothing.
 */
export async function askTold(owner: Ownership): Promise<readonly Told[]> {
  const { lease, clock, log, partition, context, stop } = owner
  const answered = new AbortController()
  const late = clock.sleep(TOLD_WITHIN_MS, answered.signal).then(() => undefined)
  try {
    const notices = await Promise.race([lease.told(), late])
    if (!notices) throw new Error(`no answer in ${TOLD_WITHIN_MS} ms`)
    return notices
      .map(({ ownerId, text }) => ({ ownerId, fold: readFold(JSON.parse(text)) }))
      .filter(({ fold }) => (fold.genesis?.ledgerId ?? context.ledgerId) === context.ledgerId)
  } catch (error) {
    if (stop?.kind === 'evidence') throw error
    log.warn({ err: error, partition }, 'what other workers know of the log could not be asked')
    return []
  } finally {
    answered.abort()
  }
}

type Told = { readonly ownerId: string; readonly fold: FoldState }

const TOLD_WITHIN_MS = 1_000

/** What is wrong with a log for who has folded it that far; undefined where nothing is, or a person accepted it. */
async function evidenceOf({ eventLog, closing }: Ownership, fold: FoldState): Promise<Error | undefined> {
  const { signal } = closing
  const compared = await compareHistory(eventLog, fold, signal)
  if (compared.kind !== 'follows') return compared.kind === 'stopped' ? compared.error : undefined
  // It may have stopped in front of a record.
  const until = fold.offset + 1n
  if ((await eventLog.end(fold.partition)) < until) return undefined
  const next = await orFoldError(foldLog(eventLog, fold, { until, signal }))
  if (!(next instanceof FoldError) && !next.alarm) return undefined
  const error = next instanceof FoldError ? next : alarmError(next)
  if (!isEvidence(error) || (await resumeBehind(eventLog, fold, signal)) !== undefined) return undefined
  return error
}
