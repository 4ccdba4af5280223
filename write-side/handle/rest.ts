import type { Ownership } from './ownership.ts'

/**
 * Rests for so long; where it was the log that stopped the owner, until the log has moved at most: what a person
 * decides is a record of it. False when the signal aborted first.
 */
export async function rest(
  { eventLog, partition, clock, stop }: Ownership,
  durationMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  if (stop?.kind !== 'evidence') return clock.sleep(durationMs, signal)
  const endOf = () => eventLog.end(partition).catch(() => undefined)
  const end = await endOf()
  for (let restedMs = 0; restedMs < durationMs; restedMs += LOOK_EVERY_MS) {
    if (!(await clock.sleep(LOOK_EVERY_MS, signal))) return false
    const now = await endOf()
    if (now !== undefined && now !== end) return true
  }
  return true
}

const LOOK_EVERY_MS = 1_000
