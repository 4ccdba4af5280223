import { judgeFold, noticeText, readTold, type Told } from '@micropay/event-log/evidence'
import { HistoryError } from '@micropay/event-log/history'
import type { Ownership } from './ownership.ts'

/**
 * Tells all workers of the partition what this one knows of the log and does not find there any more. What another one
 * knows stands where that one said it, and need not be told on.
 */
export async function shareEvidence({ stop, lease, log, partition }: Ownership): Promise<void> {
  if (stop?.kind !== 'evidence' || !stop.fold) return
  await lease
    .tell(noticeText(stop.fold))
    .catch((error: unknown) => log.warn({ err: error, partition }, 'the other workers could not be told of evidence'))
}

/**
 * Throws while what stopped this worker, or another reader of the log, still stands: asked before anything is decided,
 * and every few seconds from then on. Who is waited for asks what the others say (`askTold`) before the log, and not
 * behind it.
 */
export async function checkEvidence(owner: Ownership, told = askTold(owner)): Promise<void> {
  const { stop, eventLog, closing, log, partition } = owner
  // It may fail before it is waited for, or need not be waited for.
  told.catch(() => {})
  const judge = (fold: Parameters<typeof judgeFold>[1]) => judgeFold(eventLog, fold, closing.signal)
  if (stop?.kind === 'evidence' && stop.fold) {
    const own = await judge(stop.fold)
    if (own.kind === 'stopped') throw own.error
  }
  for (const { notice, fold } of await told) {
    if (!fold) {
      noteUnreadable(owner, notice.ownerId)
      continue
    }
    const judged = await judge(fold)
    if (judged.kind === 'stopped') throw new ToldError(judged.error, notice.ownerId)
    // A person has decided; or the log is what it was, and who said otherwise says so no more, or is gone.
    if (judged.kind === 'follows' && notice.isRepeated) continue
    await owner.lease
      .forget(notice)
      .catch((error: unknown) => log.warn({ err: error, partition }, 'what was told and is over could not be deleted'))
  }
}

function noteUnreadable({ unreadable, log, partition }: Ownership, ownerId: string): void {
  if (unreadable.has(ownerId)) return
  unreadable.add(ownerId)
  log.error({ partition, ownerId }, 'what it knows of the log cannot be read: it is passed over')
}

/** What another worker or a read model knows. */
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
    return readTold(notices, context.ledgerId)
  } catch (error) {
    if (stop?.kind === 'evidence') throw error
    log.warn({ err: error, partition }, 'what other workers know of the log could not be asked')
    return []
  } finally {
    answered.abort()
  }
}

const TOLD_WITHIN_MS = 1_000
