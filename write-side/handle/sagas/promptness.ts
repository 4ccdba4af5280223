import type { Clock } from '@micropay/runtime/clock'

/** After a partition did not answer in time, it is not asked to decide for so long, unless it answers before. */
const FORGIVEN_MS = 10_000

/** Which partitions answer promptly, so that they may be asked to decide a payment that nobody else may end then. */
export type Promptness = ReturnType<typeof createPromptness>

export function createPromptness(clock: Clock) {
  const late = new Map<number, number>()
  return {
    late: (partition: number) => void late.set(partition, clock.monotonicMs()),
    answered: (partition: number) => void late.delete(partition),
    isPrompt(partition: number): boolean {
      const sinceMs = late.get(partition)
      return sinceMs === undefined || clock.monotonicMs() - sinceMs >= FORGIVEN_MS
    },
  }
}
