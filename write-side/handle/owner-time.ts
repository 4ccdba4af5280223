import type { FoldState } from '@micropay/event-log/fold-state'
import type { Clock } from '@micropay/runtime/clock'

/**
 * The time that an owner stamps decisions with. Readers for ever take it for the time of the ledger, idempotency keys
 * age by it, and payments come to their deadline by it, so a slip of this host's clock must never get in: it is the
 * host's clock while that agrees with the store's, and else the store's. Between two looks at that one it goes on by
 * the monotonic clock alone.
 */
export type OwnerTime = {
  /**
   * Compares this host with the store's clock, which took an append at `storeMs` (undefined where the store does not
   * say) that was sent at `sentMs` by the monotonic clock. Throws ClockError when they are apart, or when the ledger's
   * own time is ahead of the store's and nobody has accepted that.
   */
  check(fold: FoldState, storeMs: number | undefined, sentMs: number): void
  /**
   * Looks at the ledger's own time before anything is appended, by this host's clock alone. Throws ClockError when that
   * is ahead and nobody has accepted it.
   */
  checkLedger(fold: FoldState): void
  /** When a decision is made: an instant, never before that of the fold. Throws ClockError when the clock jumped. */
  stamp(fold: FoldState): string
  /** Milliseconds since 1970, as far as this host can be believed: deadlines come by it. */
  nowMs(): number
}

/** The clock of this host, of the store, or of the ledger is wrong: nothing is decided until it is right again. */
export class ClockError extends Error {
  readonly code = 'clock_wrong'
}

/** Hosts that are kept by NTP are apart by milliseconds; more than this is no drift. */
const TOLERANCE_MS = 120_000
/** A host that is further off is not believed where the store tells the time. */
const AGREES_MS = 1_000
/** The store cuts off the rest of its millisecond. */
const STORE_TICK_MS = 1

export function createOwnerTime(clock: Clock): OwnerTime {
  /** Whether there is a second opinion, as far as is known. */
  let storeTells = true
  let anchor = { nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs() }
  const expectedMs = () => anchor.nowMs + (clock.monotonicMs() - anchor.monotonicMs)

  function now(): number {
    const hostMs = clock.nowMs()
    const goneOnMs = expectedMs()
    return Math.abs(hostMs - goneOnMs) <= (storeTells ? AGREES_MS : TOLERANCE_MS) ? hostMs : goneOnMs
  }

  function checkJump(): void {
    const nowMs = clock.nowMs()
    const offMs = nowMs - expectedMs()
    if (Math.abs(offMs) <= TOLERANCE_MS) return
    const jump = `${spanOf(offMs)} ${offMs > 0 ? 'ahead' : 'back'}`
    throw new ClockError(`the clock of this host jumped ${jump}, to ${instantOf(nowMs)}${storeTells ? '' : alone}`)
  }

  /** The store took it at some time between when it was sent and now. */
  function lookAt(storeMs: number, sentMs: number): void {
    const monotonicMs = clock.monotonicMs()
    const mostMs = storeMs + STORE_TICK_MS + (monotonicMs - sentMs)
    anchor = { nowMs: Math.min(Math.max(now(), storeMs), mostMs), monotonicMs }
  }
  return {
    check(fold, storeMs, sentMs) {
      storeTells = storeMs !== undefined
      if (storeMs === undefined) return checkJump()
      const nowMs = clock.nowMs()
      if (Math.abs(nowMs - storeMs) > TOLERANCE_MS) {
        const direction = nowMs > storeMs ? 'ahead of' : 'behind'
        const apart = `${spanOf(nowMs - storeMs)} ${direction} the clock of the log's store (${instantOf(storeMs)})`
        throw new ClockError(`the clock of this host (${instantOf(nowMs)}) is ${apart}`)
      }
      checkAhead(fold, storeMs, "the clock of the log's store")
      lookAt(storeMs, sentMs)
    },
    checkLedger(fold) {
      checkAhead(fold, clock.nowMs(), 'the clock of this host')
    },
    stamp(fold) {
      checkJump()
      return instantOf(Math.max(now(), Date.parse(fold.decidedAt) || 0))
    },
    nowMs: now,
  }
}

/** Nobody but a person can tell then which of the two times is right. */
const alone =
  "; the log's store tells no time to compare it with: set it back, or where it is right now, start this worker again"

function checkAhead(fold: FoldState, clockMs: number, whose: string): void {
  const aheadMs = (Date.parse(fold.decidedAt) || 0) - clockMs
  if (aheadMs <= TOLERANCE_MS || fold.decidedAt === fold.acceptedDecidedAt) return
  const ahead = `${spanOf(aheadMs)} ahead of ${whose} (${instantOf(clockMs)})`
  throw new ClockError(`the last decision is stamped ${fold.decidedAt}, ${ahead}`)
}

function instantOf(ms: number): string {
  return new Date(ms).toISOString()
}

/** `401 days`, `3 minutes`: how far apart, as a person reads it. */
function spanOf(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / 60_000)
  const days = Math.round(Math.abs(ms) / 86_400_000)
  return days >= 2 ? `${days} days` : `${minutes} minutes`
}
