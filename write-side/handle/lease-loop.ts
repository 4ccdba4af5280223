import { type BackOff, backOff } from '@micropay/runtime/back-off'
import { closeHeld, followWhileWaiting, openHeld } from './held-state.ts'
import type { Ownership } from './ownership.ts'
import { elsewhere, ledgerStopped, shuttingDown, unknownOutcome } from './refusals.ts'
import { claimAndServe } from './serve-partition.ts'
import { isFatal, needsPerson, stopReason } from './stop-reason.ts'

/** Takes the lease and serves the partition, again and again until the owner stops; then answers all that are left. */
export async function runLeaseLoop(owner: Ownership): Promise<void> {
  const { stopping, clock, doubt, queue, lease } = owner
  const persisting = clock.every(PERSIST_EVERY_MS, () => owner.state?.persist())
  while (!stopping.signal.aborted) {
    if (!(await acquireLease(owner))) break
    owner.phase = 'claiming the partition'
    try {
      await claimAndServe(owner, await openHeld(owner))
    } catch (error) {
      reportFailure(owner, error)
    }
    await closeHeld(owner)
    owner.failures += 1
    if (!stopping.signal.aborted) await clock.sleep(waitAfter(owner), stopping.signal)
  }
  persisting.cancel()
  await closeHeld(owner)
  owner.phase = 'stopped'
  doubt.giveUp(unknownOutcome)
  queue.close(shuttingDown)
  await lease.release()
}

const PERSIST_EVERY_MS = 1_000

const afterFailures: BackOff = { firstMs: 40, mostMs: 5_000 }
/** A person is needed first. */
const afterStop: BackOff = { firstMs: 1_000, mostMs: 30_000 }

function waitAfter({ failures, needsPerson }: Ownership): number {
  return backOff(failures, needsPerson ? afterStop : afterFailures)
}

/**
 * Waits for the lease, and follows the log meanwhile. While another worker has it, callers are told at once, so that
 * they can go there.
 */
async function acquireLease(owner: Ownership): Promise<boolean> {
  const { lease, stopping, queue } = owner
  const waited = new AbortController()
  let following: Promise<void> | undefined
  const acquired = await lease.acquire(stopping.signal, () => {
    owner.phase = 'waiting for the lease'
    queue.refuseAll(elsewhere)
    following ??= keepFollowing(owner, AbortSignal.any([waited.signal, stopping.signal]))
  })
  waited.abort()
  await following
  return acquired
}

/** A standby that cannot follow says so, and tries again: it may still have the lease. */
async function keepFollowing(owner: Ownership, signal: AbortSignal): Promise<void> {
  for (let failures = 1; !signal.aborted; failures += 1) {
    try {
      await followWhileWaiting(owner, signal)
    } catch (error) {
      if (signal.aborted) return
      reportFailure(owner, error)
      await closeHeld(owner)
      await owner.clock.sleep(waitAfter({ ...owner, failures }), signal)
    }
  }
}

function reportFailure(owner: Ownership, error: unknown): void {
  const { log, partition, doubt, queue, onFatal } = owner
  const before = owner.stoppedBecause
  owner.stoppedBecause = stopReason(error)
  owner.needsPerson = needsPerson(error)
  if (owner.stoppedBecause !== undefined) {
    owner.phase = 'stopped'
    queue.refuseAll(ledgerStopped(owner.stoppedBecause))
    // It is tried again and again, and said once.
    if (owner.stoppedBecause !== before) log.fatal({ err: error, partition }, owner.stoppedBecause)
    return
  }
  log.error({ err: error, partition, inDoubt: doubt.size() }, 'the partition was given up: claiming it again')
  if (isFatal(error)) onFatal(error)
}
