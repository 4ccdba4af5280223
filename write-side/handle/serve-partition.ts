import type { Appender } from '@micropay/event-log/event-log'
import { appendBatch, type OwnedPartition, settleVoid } from './append-batch.ts'
import { type ClaimOptions, claimPartition } from './claim.ts'
import type { Ownership } from './ownership.ts'

/** Claims the partition and serves it for as long as it is ours. */
export async function claimAndServe(owner: Ownership): Promise<void> {
  const { partition, doubt } = owner
  const store = owner.openStore()
  owner.openedStore = store
  let appender: Appender | undefined
  try {
    appender = await owner.eventLog.openAppender(partition)
    const claim: ClaimOptions = {
      ...owner,
      store,
      signal: owner.closing.signal,
      onVoid: owner.meter.voided,
      onRestored(restored) {
        owner.state = restored
      },
    }
    const { won, state, claimId } = await claimPartition(claim, appender, doubt.counted)
    settleVoid(owner, won)
    if (won) await serve(owner, { claim, claimId, ledger: state, appender })
  } finally {
    owner.phase = 'claiming the partition'
    await letGo(owner, appender)
    owner.openedStore = undefined
    await store.close()
    owner.lastFold = owner.state?.fold ?? owner.lastFold
    owner.state = undefined
  }
}

async function serve(owner: Ownership, owned: OwnedPartition): Promise<void> {
  const { queue, limits, stopping } = owner
  owner.phase = 'serving'
  while (!(stopping.signal.aborted && queue.size() === 0)) {
    // Before the commands are taken: from then on until they are drafted nothing may wait, or they could be answered
    // in between.
    await owned.ledger.room()
    const waiting = await queue.take(limits.batchCommits, limits.heartbeatMs, stopping.signal)
    if (waiting.length === 0 && stopping.signal.aborted) continue
    if (!(await appendBatch(owner, owned, waiting))) return
    owner.failures = 0
  }
}

async function letGo({ state, partition, log }: Ownership, appender: Appender | undefined): Promise<void> {
  const warn = (message: string) => (error: unknown) => log.warn({ err: error, partition }, message)
  await appender?.close().catch(warn('the appender did not close'))
  await state?.flush().catch(warn('the state was not written to its end'))
}
