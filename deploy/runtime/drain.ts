import type { Server } from 'node:net'
import type { Clock } from './clock.ts'

export type DrainingApp = {
  readonly server: Pick<Server, 'getConnections'>
  /** From then on it says of itself that it is not ready, and each answer ends its connection. */
  beginDraining(): void
}

/** So long a service that ends is asked as ever: whoever looks at it every second or two has gone elsewhere by then. */
const DRAIN_MS = 2_500
/** Nobody had a connection for so long: whoever spreads requests is elsewhere already. */
const ALONE_MS = 300
const LOOK_EVERY_MS = 20

/** Resolves once nobody asks it any more, and in time. */
export async function drain(app: DrainingApp, clock: Clock): Promise<void> {
  app.beginDraining()
  await untilAlone(app.server, clock, DRAIN_MS)
}

/** Resolves when nobody has had a connection for a moment, and after that long in any case. */
export async function untilAlone(
  server: Pick<Server, 'getConnections'>,
  clock: Clock,
  withinMs: number,
): Promise<void> {
  const untilMs = clock.monotonicMs() + withinMs
  let aloneMs = 0
  while (aloneMs < ALONE_MS && clock.monotonicMs() < untilMs) {
    await clock.sleep(LOOK_EVERY_MS)
    aloneMs = (await connectionsOf(server)) > 0 ? 0 : aloneMs + LOOK_EVERY_MS
  }
}

function connectionsOf(server: Pick<Server, 'getConnections'>): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count)))
}
