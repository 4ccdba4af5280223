import type { Clock } from './clock.ts'

/**
 * Resolves with true when `progress` has stood still for at least `idleMs`, and at most for twice as long; with false
 * when `ended` came first. For readers who hold something that others wait for.
 */
export async function whenIdle(
  clock: Clock,
  progress: () => number,
  idleMs: number,
  ended: AbortSignal,
): Promise<boolean> {
  let before = progress()
  while (await clock.sleep(idleMs, ended)) {
    const now = progress()
    if (now === before) return true
    before = now
  }
  return false
}
