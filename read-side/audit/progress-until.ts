import type { Clock } from '@micropay/runtime/clock'

const PROGRESS_EVERY_MS = 200

/** How far a work is, every so often, until it is over, whatever became of it. */
export async function* progressUntil<Progress>(
  work: Promise<unknown>,
  progress: () => Progress,
  clock: Clock,
): AsyncGenerator<Progress> {
  let isDone = false
  const settled = work.then(
    () => undefined,
    () => undefined,
  )
  settled.then(() => {
    isDone = true
  })
  while (!isDone) {
    yield progress()
    const pause = new AbortController()
    await Promise.race([settled, clock.sleep(PROGRESS_EVERY_MS, pause.signal)])
    pause.abort()
  }
}
