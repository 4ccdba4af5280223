import { systemClock } from '@micropay/runtime/clock'

const pollMs = 50

/** Asks again and again; settles with whether it held in time. */
export async function until(holds: () => boolean, withinMs: number): Promise<boolean> {
  const endsAtMs = systemClock.monotonicMs() + withinMs
  while (!holds()) {
    if (systemClock.monotonicMs() >= endsAtMs) return false
    await systemClock.sleep(pollMs)
  }
  return true
}
