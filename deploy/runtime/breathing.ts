import type { Clock } from './clock.ts'

/** So long one piece of work goes on before others have a turn. */
const SLICE_MS = 5

/**
 * For work in many small steps that would keep everybody else waiting: called between two steps, it lets others have
 * their turn once 5 ms have passed. Until then it answers undefined, and there is nothing to await.
 */
export function breathing(clock: Pick<Clock, 'monotonicMs' | 'turn'>): () => Promise<void> | undefined {
  let sinceMs = clock.monotonicMs()
  return () => {
    if (clock.monotonicMs() - sinceMs < SLICE_MS) return undefined
    return clock.turn().then(() => {
      sinceMs = clock.monotonicMs()
    })
  }
}
