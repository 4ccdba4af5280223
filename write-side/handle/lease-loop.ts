import { LogError } from '@micropay/event-log/event-log'
import { FoldError, type FoldState } from '@micropay/event-log/fold'
import { type BackOff, backOff } from '@micropay/runtime/back-off'
import type { CommandResult } from './command.ts'
import type { Ownership } from './ownership.ts'
import { notOwner, unknownOutcome } from './refusals.ts'
import { claimAndServe } from './serve-partition.ts'

/** Takes the lease and serves the partition, again and again until the owner stops; then answers all that are left. */
export async function runLeaseLoop(owner: Ownership): Promise<void> {
  const { stopping, clock, doubt, queue, lease } = owner
  while (!stopping.signal.aborted) {
    if (!(await acquireLease(owner))) break
    owner.phase = 'claiming the partition'
    try {
      await claimAndServe(owner)
    } catch (error) {
      reportFailure(owner, error)
    }
    owner.failures += 1
    if (!stopping.signal.aborted) await clock.sleep(backOff(owner.failures, afterFailures), stopping.signal)
  }
  owner.phase = 'stopped'
  doubt.giveUp(unknownOutcome)
  queue.close(shuttingDown)
  await lease.release()
}

const afterFailures: BackOff = { firstMs: 40, mostMs: 5_000 }

export const shuttingDown = notOwner('this worker is shutting down')
export const elsewhere = notOwner('another worker has this partition')

/** Waits for the lease. While another worker has it, callers are told at once, so that they can go there. */
async function acquireLease(owner: Ownership): Promise<boolean> {
  const { lease, stopping, queue, doubt } = owner
  const waited = new AbortController()
  let watching: Promise<void> | undefined
  const acquired = await lease.acquire(stopping.signal, () => {
    owner.phase = 'waiting for the lease'
    queue.refuseAll(elsewhere)
    if (doubt.size() > 0 && owner.lastFold) watching ??= watchDoubt(owner, owner.lastFold, waited.signal, elsewhere)
  })
  waited.abort()
  await watching
  return acquired
}

function watchDoubt(
  { doubt, eventLog, log, partition }: Ownership,
  fold: FoldState,
  signal: AbortSignal,
  orElse: CommandResult,
): Promise<void> {
  return doubt.watch(eventLog, fold, signal, orElse).catch((error: unknown) => {
    log.warn({ err: error, partition }, 'what is in doubt could not be read from the log: the next claim will tell')
  })
}

function reportFailure({ log, partition, doubt, onFatal }: Ownership, error: unknown): void {
  log.error({ err: error, partition, inDoubt: doubt.size() }, 'the partition was given up: claiming it again')
  const fatal = error instanceof FoldError || (error instanceof LogError && error.code === 'log_truncated')
  if (fatal) onFatal(error)
}
