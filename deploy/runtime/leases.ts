import type { Clock } from './clock.ts'
import type { HeldLease, LeaseHolder } from './lease-table.ts'
import type { Logger } from './logger.ts'

/**
 * A named lease in PostgreSQL: it says who should own something, so that not everybody claims at once. It gives
 * liveness and no safety: who really owns a partition is what the log says. It ends at once when its holder dies, since
 * its connection does, and after some seconds when its holder stands still.
 */
export type Lease = {
  /**
   * Waits until the lease is ours, then keeps renewing it; `onWait` after each try that failed, when somebody else has
   * it or when the database does not answer. False when the signal aborted first. At once true when it is ours already.
   */
  acquire(signal: AbortSignal, onWait?: (why: Waiting) => void): Promise<boolean>
  /** Lets others have it at once; takes a second at most. */
  release(): Promise<void>
  /**
   * Says something to all who ask for this lease, whoever has it; of each owner the last is kept. Time ends nothing of
   * it: who said it may be gone. Rejects when the database does not answer.
   */
  tell(text: string): Promise<void>
  /** What was told under this lease, by whomever. Rejects when the database does not answer. */
  told(): Promise<readonly Notice[]>
  /** Deletes what was told, unless its owner has said something else since. Rejects likewise. */
  forget(notice: Notice): Promise<void>
}

export type Notice = {
  readonly ownerId: string
  readonly text: string
  /** Whether it was said, or said again, within the last `NOTICE_MS`. */
  readonly isRepeated: boolean
}

/** So that whoever says it may be started anew in between. */
export const NOTICE_MS = 30_000

/** For work that must end with its lease. */
export type WatchedLease = Lease & {
  /** Aborts when what the last `acquire` got has ended: another one has it, or it was not renewed in its time. */
  lost(): AbortSignal
  /** Renews it now, where it is held: what its holder says of itself has changed. */
  renew(): void
}

/** Another one has it; or the database does not answer. */
export type Waiting = 'held' | 'unreachable'

export type LeaseOptions = {
  /** Asked before each renewal. A holder that does not get on lets the lease run out, so that others may try. */
  readonly mayRenew?: () => boolean
  /** What the holder says of itself; asked when the lease is taken, and at each renewal. */
  readonly said?: () => string | undefined
}

export type Leases = {
  open(name: string, ownerId: string, options?: LeaseOptions): WatchedLease
  /** Who has these leases, as the table says now. */
  holders(names: readonly string[]): Promise<readonly LeaseHolder[]>
  /**
   * The leases that somebody has now, whose names begin like this: all of one moment. One whose holder died is none of
   * them. Rejects when the database does not answer.
   */
  held(begin: string): Promise<readonly HeldLease[]>
  /** Forgets those whose names begin like this and that nobody has had for a day. Rejects likewise. */
  forget(begin: string): Promise<void>
  /**
   * Calls `work` with the name of each lease that somebody takes, gives back, or says something new under, soon after;
   * only while this process holds a lease, and not what happens while its connection is made anew.
   */
  onChange(work: (name: string) => void): void
  close(): Promise<void>
}

/** How long a holder that stands still has a lease; and how soon one who waits asks again. */
export type LeaseTimes = { readonly ttlMs: number; readonly retryMs: number }

/**
 * Does `work` again and again, for as long as the lease is ours, until the signal aborts; the work is told by its own
 * signal when the lease is lost, and what it throws is logged.
 */
export async function whileLeased(
  { lease, clock, log, signal }: WhileLeased,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  while (await lease.acquire(signal)) {
    try {
      await work(AbortSignal.any([signal, lease.lost()]))
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, 'what is done under a lease failed: it is done again')
    }
    // Whoever waits may have it first: it may get on where we did not.
    await lease.release()
    await clock.sleep(AGAIN_AFTER_MS, signal)
  }
}

export type WhileLeased = {
  readonly lease: WatchedLease
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
}

/** Longer than the pause of one who waits. */
const AGAIN_AFTER_MS = 1_000

/** Asks once. */
export async function acquireOnce(lease: Lease): Promise<'ours' | Waiting> {
  const asked = new AbortController()
  let answer: Waiting = 'held'
  const isOurs = await lease.acquire(asked.signal, (why) => {
    answer = why
    asked.abort()
  })
  return isOurs ? 'ours' : answer
}
