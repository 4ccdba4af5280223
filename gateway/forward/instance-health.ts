import type { Clock } from '@micropay/runtime/clock'

/** What was found at a look: it is ready, it says that it is not, or nobody answers, at once or at all. */
export type Look =
  | { readonly found: 'ready' }
  | { readonly found: 'not ready' | 'unreachable' | 'silent'; readonly reason: string }

/** From who is asked first to who is not asked. */
export type Standing = 'well' | 'not ready' | 'failed' | 'away'

/** One look may be in vain for what happens here, where it found silence. */
const LOOKS_IN_VAIN = 3
/** Whoever failed a request is asked last for so long, for twice as long each time that it fails again soon. */
const FAILED_MS = 2_000
const FAILED_MOST_MS = 30_000
const AGAIN_WITHIN_MS = 60_000
/** Whoever comes back gets its share by and by: what it has cached is cold, and what felled it may still be there. */
const COMES_BACK_MS = 10_000
const LEAST_SHARE = 0.1

export type InstanceHealth = ReturnType<typeof createInstanceHealth>

/** What one instance is good for, by what its requests and the looks at it have found. */
export function createInstanceHealth(clock: Clock) {
  let standing: Standing = 'well'
  let reason: string | undefined
  let inVain = 0
  let failures = { count: 0, lastMs: Number.NEGATIVE_INFINITY }
  let failedUntilMs = 0
  let backSinceMs = Number.NEGATIVE_INFINITY
  let credit = 0

  function become(next: Standing, why?: string): void {
    if (next === 'well' && standing !== 'well') {
      backSinceMs = clock.monotonicMs()
      credit = 0
    }
    standing = next
    reason = why
  }
  return {
    standing: () => standing,
    /** Why it is not asked as the others are; undefined where it is. */
    reason: () => reason,
    /** Whether this one of many requests is for it, too: each one but of an instance that comes back. */
    isItsTurn(): boolean {
      const share = Math.max(LEAST_SHARE, (clock.monotonicMs() - backSinceMs) / COMES_BACK_MS)
      if (share >= 1) return true
      credit += share
      if (credit < 1) return false
      credit -= 1
      return true
    },
    /** A request was not answered, or it is ending. */
    failed(): void {
      const nowMs = clock.monotonicMs()
      const count = nowMs - failures.lastMs > AGAIN_WITHIN_MS ? 1 : failures.count + 1
      failures = { count, lastMs: nowMs }
      failedUntilMs = nowMs + Math.min(FAILED_MOST_MS, FAILED_MS * 2 ** (count - 1))
      if (standing !== 'away') become('failed', 'a request was not answered')
    },
    looked(look: Look): void {
      if (look.found === 'silent') {
        inVain += 1
        if (inVain >= LOOKS_IN_VAIN) become('away', look.reason)
        return
      }
      inVain = 0
      if (look.found === 'unreachable') become('away', look.reason)
      else if (clock.monotonicMs() < failedUntilMs) become('failed', reason)
      else if (look.found === 'not ready') become('not ready', look.reason)
      else become('well')
    },
  }
}
