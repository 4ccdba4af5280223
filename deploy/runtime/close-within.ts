import type { Clock } from './clock.ts'

type ClosableApp = {
  readonly server: { closeAllConnections(): void }
  close(): PromiseLike<unknown>
}

/**
 * Closes an app, and after that long breaks off what is under way yet: it may wait for somebody who does not answer,
 * and a connection on which nothing was ever asked is open for a minute.
 */
export async function closeWithin(app: ClosableApp, withinMs: number, clock: Pick<Clock, 'timer'>): Promise<void> {
  const timer = clock.timer(withinMs, () => app.server.closeAllConnections())
  await app.close()
  timer.cancel()
}
