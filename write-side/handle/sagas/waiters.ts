import type { Clock } from '@micropay/runtime/clock'

/** Those who wait for what becomes of a payment across partitions, by the scoped key of its command. */
export type Waiters = {
  /** Resolves once something may be known of that key, after so long at most. */
  heard(scopedKey: string, withinMs: number): Promise<void>
  wake(scopedKey: string): void
  wakeAll(): void
}

export function createWaiters(clock: Clock): Waiters {
  const waiting = new Map<string, Set<() => void>>()
  function wake(scopedKey: string): void {
    for (const each of waiting.get(scopedKey) ?? []) each()
  }
  return {
    heard: (scopedKey, withinMs) =>
      new Promise((resolve) => {
        const all = waiting.get(scopedKey) ?? new Set()
        waiting.set(scopedKey, all)
        const end = () => {
          timer.cancel()
          all.delete(end)
          if (all.size === 0 && waiting.get(scopedKey) === all) waiting.delete(scopedKey)
          resolve()
        }
        const timer = clock.timer(withinMs, end)
        all.add(end)
      }),
    wake,
    wakeAll() {
      for (const scopedKey of [...waiting.keys()]) wake(scopedKey)
    },
  }
}
