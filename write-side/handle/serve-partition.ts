import type { Appender } from '@micropay/event-log/event-log'
import type { LedgerState } from '../state/ledger-state.ts'
import { appendBatch, type OwnedPartition, settleVoid } from './append-batch.ts'
import { claimPartition } from './claim.ts'
import { COMPARE_EVERY_MS, claimOptions, leadsTo } from './held-state.ts'
import type { Ownership } from './ownership.ts'
import { goOn, isHistory } from './stop-reason.ts'

/** Claims the partition onto a state of it and serves it for as long as it is ours. */
export async function claimAndServe(owner: Ownership, state: LedgerState): Promise<void> {
  const { partition, doubt, eventLog, time, log, clock } = owner
  const claim = claimOptions(owner)
  const appender = await eventLog.openAppender(partition)
  // Nobody waits for what is on its way to the log any longer.
  const close = () => void closeAppender(appender).catch(() => undefined)
  owner.closing.signal.addEventListener('abort', close)
  try {
    const { won, claimId, storeMs, newest } = await claimPartition(claim, state, appender, doubt.counted)
    settleVoid(owner, won)
    if (!won) return
    time.check(state.fold, storeMs)
    await serve(owner, { claim, claimId, ledger: state, appender, appendedMs: clock.monotonicMs(), newest })
  } finally {
    owner.phase = 'claiming the partition'
    owner.closing.signal.removeEventListener('abort', close)
    await closeAppender(appender).catch((error: unknown) =>
      log.warn({ err: error, partition }, 'the appender did not close'),
    )
  }
}

const closeAppender = async (appender: Appender) => appender.close()

async function serve(owner: Ownership, owned: OwnedPartition): Promise<void> {
  owner.phase = 'serving'
  goOn(owner)
  owner.served = true
  const compared = keepComparing(owner, owned.ledger)
  try {
    await serveBatches(owner, owned, compared)
  } finally {
    compared.end()
  }
}

async function serveBatches(owner: Ownership, owned: OwnedPartition, compared: Comparing): Promise<void> {
  const { queue, limits, stopping, clock } = owner
  while (!(stopping.signal.aborted && queue.size() === 0)) {
    compared.throwIfChanged()
    // Before the commands are taken: from then on until they are drafted nothing may wait, or they could be answered
    // in between.
    await owned.ledger.room()
    const untilBeatMs = owned.appendedMs + limits.heartbeatMs - clock.monotonicMs()
    const waiting = await queue.take(limits.batchCommits, Math.max(0, untilBeatMs), stopping.signal)
    if (waiting.length === 0 && stopping.signal.aborted) continue
    if (!owned.ledger.isTrusted()) {
      queue.putBack(waiting)
      continue
    }
    if (!(await appendBatch(owner, owned, waiting))) return
    owner.failures = 0
  }
}

const ASK_AGAIN_MS = 1_000

type Comparing = { throwIfChanged(): void; end(): void }

/**
 * Looks every few seconds whether the log still leads to what this owner decides on: an append that lands where it is
 * expected does not show that what stands before it was cut off and has grown again. Nothing waits for it.
 */
function keepComparing(owner: Ownership, ledger: LedgerState): Comparing {
  const { clock, log, partition } = owner
  const over = new AbortController()
  let changed: unknown
  const compare = async () => {
    while (changed === undefined && (await clock.sleep(COMPARE_EVERY_MS, over.signal))) {
      await leadsTo(owner, ledger.fold)
        .catch(async () => {
          // A broker that has just become the leader may not know all of it for a moment.
          await clock.sleep(ASK_AGAIN_MS, over.signal)
          await leadsTo(owner, ledger.fold)
        })
        .catch((error: unknown) => {
          if (isHistory(error)) changed = error
          else if (!over.signal.aborted) log.warn({ err: error, partition }, 'the log could not be compared')
        })
    }
  }
  void compare()
  return {
    throwIfChanged() {
      if (changed !== undefined) throw changed
    },
    end: () => over.abort(),
  }
}
