import { SHARE_EVERY_MS } from '@micropay/event-log/evidence'
import { type BackOff, backOff } from '@micropay/runtime/back-off'
import type { Timer } from '@micropay/runtime/clock'
import type { Waiting } from '@micropay/runtime/leases'
import { shareEvidence, ToldError } from './evidence.ts'
import { closeHeld, followWhileWaiting } from './held-state.ts'
import { isLastOwner } from './last-owner.ts'
import type { Ownership } from './ownership.ts'
import { elsewhere, ledgerStopped, shuttingDown, unknownOutcome, unleased } from './refusals.ts'
import { rest } from './rest.ts'
import { claimAndServe } from './serve-partition.ts'
import { isFatal, stopOf } from './stop-reason.ts'

/** Takes the lease and serves the partition, again and again until the owner stops; then answers all that are left. */
export async function runLeaseLoop(owner: Ownership): Promise<void> {
  const { stopping, clock, doubt, queue, lease } = owner
  const persisting = persistInTurn(owner)
  const sharing = clock.every(SHARE_EVERY_MS, () => void shareEvidence(owner))
  while (!stopping.signal.aborted) {
    const entitled = await untilEntitled(owner)
    if (entitled === 'stopping') break
    owner.phase = 'claiming the partition'
    owner.served = false
    const over = new AbortController()
    // Who serves without a lease takes it as soon as it can be had, so that a standby knows.
    const asking = entitled === 'unleased' ? lease.acquire(AbortSignal.any([over.signal, stopping.signal])) : undefined
    try {
      await claimAndServe(owner)
    } catch (error) {
      reportFailure(owner, error)
    }
    over.abort()
    await asking
    if (owner.handedOver) {
      // The state is kept: it may be followed on with.
      owner.handedOver = false
      owner.failures = 0
      continue
    }
    await closeHeld(owner)
    owner.failures += 1
    if (mayAnotherTry(owner)) await lease.release()
    if (!stopping.signal.aborted) await rest(owner, waitAfter(owner), stopping.signal)
  }
  persisting.cancel()
  sharing.cancel()
  await closeHeld(owner)
  owner.phase = 'stopped'
  doubt.giveUp(unknownOutcome)
  queue.close(shuttingDown)
  await lease.release()
}

const PERSIST_EVERY_MS = 1_000
const MOST_SELDOM = 8

/**
 * Writes what was counted lately: one of a few partitions each second, since each such transaction holds up all of them
 * for a moment. What is much is written at once, whoever's turn it is.
 */
function persistInTurn(owner: Ownership): Timer {
  const turns = Math.min(owner.partitions, MOST_SELDOM)
  let second = 0
  return owner.clock.every(PERSIST_EVERY_MS, () => {
    second += 1
    if (second % turns === owner.partition % turns) owner.state?.persist()
  })
}

/**
 * A claim that failed, again, may be won by a worker that reaches the log, or understands it. One that has seen
 * evidence of harm keeps the lease: others may not have heard of it.
 */
function mayAnotherTry({ failures, served, stop, stopping }: Ownership): boolean {
  return failures > 1 && !served && stop?.kind !== 'evidence' && !stopping.signal.aborted
}

const afterFailures: BackOff = { firstMs: 40, mostMs: 5_000 }
/** Longer than a standby's pause between two tries for the lease. */
const afterRelease: BackOff = { firstMs: 1_000, mostMs: 5_000 }
/** A person is needed first. */
const afterStop: BackOff = { firstMs: 1_000, mostMs: 30_000 }

function waitAfter(owner: Ownership): number {
  if (owner.stop && owner.stop.kind !== 'host') return backOff(owner.failures, afterStop)
  return mayAnotherTry(owner) ? backOff(owner.failures - 1, afterRelease) : backOff(owner.failures, afterFailures)
}

type Entitled = 'leased' | 'unleased' | 'stopping'

/**
 * Waits for the lease, and follows the log meanwhile. While another worker has it, callers are told at once, so that
 * they can go there. When the database of leases does not answer, whose claim stands in the log goes on without one.
 */
async function untilEntitled(owner: Ownership): Promise<Entitled> {
  const { stopping, queue } = owner
  const unleasedNow = new AbortController()
  const following = createFollowing(owner)
  let looking: Promise<void> | undefined
  const lookOnce = async () => {
    if (await isLastOwner(owner).catch(() => false)) unleasedNow.abort()
    looking = undefined
  }
  const onWait = (why: Waiting) => {
    if (!owner.stop) owner.phase = waiting[why].phase
    queue.refuseAll(waiting[why].told)
    owner.sagas.waiters.wakeAll()
    following.start()
    if (why === 'unreachable') looking ??= lookOnce()
  }
  const asked = AbortSignal.any([stopping.signal, unleasedNow.signal])
  const acquired = await acquireWhenWanted(owner, asked, onWait, following)
  await Promise.all([following.stop(), looking])
  if (stopping.signal.aborted) return 'stopping'
  return acquired ? 'leased' : 'unleased'
}

const waiting = {
  held: { phase: 'waiting for the lease', told: elsewhere },
  unreachable: { phase: 'waiting for the lease database', told: unleased },
} as const

/** Asks for the lease while this worker is to have it, and lets another one have it while that is. */
async function acquireWhenWanted(
  owner: Ownership,
  signal: AbortSignal,
  onWait: (why: Waiting) => void,
  following: Following,
): Promise<boolean> {
  const { lease, share } = owner
  if (!share) return lease.acquire(signal, onWait)
  while (!signal.aborted) {
    const changed = AbortSignal.any([signal, share.changed()])
    const part = share.part()
    if (part === 'own') {
      if (await lease.acquire(changed, onWait)) return true
      continue
    }
    if (!owner.stop) owner.phase = waiting.held.phase
    owner.queue.refuseAll(waiting.held.told)
    owner.sagas.waiters.wakeAll()
    await lease.release()
    if (part === 'follow') following.start()
    else await following.stop().then(() => closeHeld(owner))
    if (!changed.aborted) await new Promise((resolve) => changed.addEventListener('abort', resolve, { once: true }))
  }
  return false
}

type Following = { start(): void; stop(): Promise<void> }

function createFollowing(owner: Ownership): Following {
  let over = new AbortController()
  let following: Promise<void> | undefined
  return {
    start() {
      following ??= keepFollowing(owner, AbortSignal.any([over.signal, owner.stopping.signal]))
    },
    async stop() {
      over.abort()
      await following
      following = undefined
      over = new AbortController()
    },
  }
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
      await rest(owner, waitAfter({ ...owner, failures }), signal)
    }
  }
}

function reportFailure(owner: Ownership, error: unknown): void {
  const { log, partition, doubt, queue, onFatal, state, lastFold, stop: before } = owner
  const stop = stopOf(error, error instanceof ToldError ? undefined : (state?.fold ?? lastFold))
  if (before?.kind === 'evidence' && stop?.kind !== 'evidence') {
    // A log that cannot be read, or a disk that is full, disproves nothing of what was seen.
    log.warn({ err: error, partition }, 'the partition cannot be claimed, and what stopped it stands')
  } else if (stop) {
    owner.stop = stop
    owner.phase = 'stopped'
    queue.refuseAll(ledgerStopped(stop.because))
    // It is tried again and again, and said once.
    if (stop.kind !== before?.kind || stop.code !== before.code) log.fatal({ err: error, partition }, stop.because)
    void shareEvidence(owner)
  } else {
    owner.stop = undefined
    log.error({ err: error, partition, inDoubt: doubt.size() }, 'the partition was given up: claiming it again')
  }
  if (isFatal(error)) onFatal(error)
}
