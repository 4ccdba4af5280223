import type { Clock } from '@micropay/runtime/clock'

/**
 * Says whether something gets on: false when what it is asked about (a sequence, an offset) has not changed for so
 * long. It sees no more than it is asked.
 */
export function createProgress(clock: Clock, withinMs: number): (now: bigint | undefined) => boolean {
  let seen: bigint | undefined
  let changedAtMs = clock.monotonicMs()
  return (now) => {
    if (now !== seen) changedAtMs = clock.monotonicMs()
    seen = now
    return clock.monotonicMs() - changedAtMs < withinMs
  }
}
