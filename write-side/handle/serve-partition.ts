import type { Appender } from '@micropay/event-log/event-log'
import type { LedgerState } from '../state/ledger-state.ts'
import { appendBatch, type OwnedPartition, settleVoid } from './append-batch.ts'
import { claimPartition } from './claim.ts'
import { claimOptions, keepComparing, openHeld } from './held-state.ts'
import type { Ownership } from './ownership.ts'
import { elsewhere } from './refusals.ts'
import { checkStillThere, isOld, mustLeadTo, newestOf } from './still-there.ts'

/** Claims the partition onto the state that is held and serves it for as long as it is ours. */
export async function claimAndServe(owner: Ownership): Promise<void> {
  const { partition, doubt, time, log, clock } = owner
  const claim = claimOptions(owner)
  const { state, appender } = await openBoth(owner)
  // Nobody waits for what is on its way to the log any longer.
  const close = () => void closeAppender(appender).catch(() => undefined)
  owner.closing.signal.addEventListener('abort', close)
  try {
    const sinceMs = clock.monotonicMs()
    const { won, claimId, storeMs, newest, sentMs } = await claimPartition(claim, state, appender, doubt.counted)
    // The log may have been replaced since it was read: of what stands there then claims alone are believed.
    if (won || doubt.hasCounted()) await mustLeadTo(owner, state.fold)
    const askedMs = await checkStillThere(owner, state.fold, newestOf(state.fold), sinceMs)
    doubt.tellCounted()
    settleVoid(owner, won)
    if (!won) return
    time.check(state.fold, storeMs, sentMs)
    await serve(owner, { claim, claimId, ledger: state, appender, appendedMs: clock.monotonicMs(), askedMs, newest })
  } finally {
    owner.phase = owner.handedOver ? 'waiting for the lease' : 'claiming the partition'
    owner.closing.signal.removeEventListener('abort', close)
    await closeAppender(appender).catch((error: unknown) =>
      log.warn({ err: error, partition }, 'the appender did not close'),
    )
  }
}

/** Neither needs the other, and whoever takes over is waited for. */
async function openBoth(owner: Ownership): Promise<{ state: LedgerState; appender: Appender }> {
  const [held, opened] = await Promise.allSettled([openHeld(owner), owner.eventLog.openAppender(owner.partition)])
  if (held.status === 'fulfilled' && opened.status === 'fulfilled') return { state: held.value, appender: opened.value }
  if (opened.status === 'fulfilled') await closeAppender(opened.value).catch(() => undefined)
  throw held.status === 'rejected' ? held.reason : opened.status === 'rejected' && opened.reason
}

const closeAppender = async (appender: Appender) => appender.close()

async function serve(owner: Ownership, owned: OwnedPartition): Promise<void> {
  owner.phase = 'serving'
  owner.stop = undefined
  owner.served = true
  const over = new AbortController()
  let changed: unknown
  // Nothing waits for it.
  keepComparing(owner, owned.ledger, over.signal).catch((error: unknown) => {
    changed = error
  })
  owner.sagas.serve(owned.ledger, over.signal, owner.stopping.signal)
  const throwIfChanged = () => {
    if (changed !== undefined) throw changed
  }
  try {
    await serveBatches(owner, owned, throwIfChanged)
  } finally {
    over.abort()
  }
}

async function serveBatches(owner: Ownership, owned: OwnedPartition, throwIfChanged: () => void): Promise<void> {
  const { queue, limits, stopping, clock, share } = owner
  const handOver = share?.serving()
  const over = handOver ? AbortSignal.any([stopping.signal, handOver]) : stopping.signal
  while (!(stopping.signal.aborted && queue.size() === 0)) {
    throwIfChanged()
    if (handOver?.aborted && !stopping.signal.aborted) return letGo(owner)
    // Before the commands are taken: from then on until they are drafted nothing may wait, or they could be answered
    // in between.
    await owned.ledger.room()
    const untilBeatMs = owned.appendedMs + limits.heartbeatMs - clock.monotonicMs()
    const waiting = await queue.take(limits.batchCommits, Math.max(0, untilBeatMs), over)
    if (waiting.length === 0 && over.aborted) continue
    if (!owned.ledger.isTrusted()) {
      queue.putBack(waiting)
      continue
    }
    // What the state knows is told without an append.
    if (waiting.length > 0 && isOld(owner, owned.askedMs)) {
      queue.putBack(waiting)
      const { fold } = owned.ledger
      owned.askedMs = await checkStillThere(owner, fold, newestOf(fold), owned.askedMs)
      continue
    }
    if (!(await appendBatch(owner, owned, waiting))) return
    owner.failures = 0
  }
}

/** Nothing of it is under way: whoever waits may go where the partition goes. */
function letGo(owner: Ownership): void {
  owner.handedOver = true
  owner.phase = 'waiting for the lease'
  owner.sagas.handOn(owner.queue.steps())
  owner.queue.refuseAll(elsewhere)
}
