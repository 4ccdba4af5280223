import type { QueryCache } from '@tanstack/react-query'

/** A read may wait 10 s for a position that was asked for: nothing in order takes longer by much. */
export const LATE_MS = 12_000

/** Since when each read that is shown somewhere waits for its first answer, repetitions included. */
export type Waiting = ReadonlyMap<string, number>

/** The same with what began to wait since, and without what came or failed. */
export function waitingAt(before: Waiting, cache: QueryCache, nowMs: number): Waiting {
  const asked = cache.findAll({ type: 'active', fetchStatus: 'fetching' })
  const waiting = asked.filter(({ state }) => state.status === 'pending')
  return new Map(waiting.map(({ queryHash }) => [queryHash, before.get(queryHash) ?? nowMs]))
}

export function isLate(waiting: Waiting, nowMs: number): boolean {
  return waiting.values().some((sinceMs) => nowMs - sinceMs >= LATE_MS)
}
