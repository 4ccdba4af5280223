import type { Clock } from '@micropay/runtime/clock'

export type Rate = { add(commits: number): void; perSecond(): number }

/**
 * Commits a second over the last ten seconds, the one that runs included: the time that a version still takes is told
 * from its first second on, which a meter of whole seconds cannot.
 */
export function createRate(clock: Pick<Clock, 'monotonicMs'>): Rate {
  const startedMs = clock.monotonicMs()
  const buckets = new Map<number, number>()
  const forgetOld = () => {
    const second = Math.floor(clock.monotonicMs() / 1000)
    for (const old of buckets.keys()) if (old <= second - WINDOW_MS / 1000) buckets.delete(old)
    return second
  }
  return {
    add(commits) {
      const second = forgetOld()
      buckets.set(second, (buckets.get(second) ?? 0) + commits)
    },
    perSecond() {
      forgetOld()
      const spanMs = Math.min(WINDOW_MS, Math.max(1_000, clock.monotonicMs() - startedMs))
      return (buckets.values().reduce((sum, commits) => sum + commits, 0) * 1000) / spanMs
    },
  }
}

const WINDOW_MS = 10_000
