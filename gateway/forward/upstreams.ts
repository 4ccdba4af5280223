import { type Dispatcher, Pool } from 'undici'
import type { UpstreamName } from '../authorize/routes.ts'

export type Upstream = {
  readonly name: UpstreamName
  /** What comes before the path that the caller asked for; usually empty. */
  readonly prefix: string
  /** For requests that end: connections are kept, one request at a time on each. */
  readonly requests: Dispatcher
  /** For event streams: each holds a connection for as long as somebody listens. */
  readonly events: Dispatcher
  /** Requests sent, or waiting for a connection, whose answer has not begun. */
  waiting: number
}
export type Upstreams = Readonly<Record<UpstreamName, Upstream>>

const CONNECTIONS = 64
const CONNECT_MS = 2000
/** A read may wait 10 s for a position; nothing that ends takes longer than this between two bytes. */
const SILENCE_MS = 30_000

/** Connections to the services behind the gateway. With https their certificates are checked. */
export function openUpstreams(urls: Readonly<Record<UpstreamName, string>>): Upstreams {
  const open = (name: UpstreamName): Upstream => {
    const url = new URL(urls[name])
    const common = {
      pipelining: 1,
      connect: { timeout: CONNECT_MS, rejectUnauthorized: true },
      headersTimeout: SILENCE_MS,
    }
    return {
      name,
      prefix: url.pathname.replace(/\/$/, ''),
      requests: new Pool(url.origin, { ...common, connections: CONNECTIONS, bodyTimeout: SILENCE_MS }),
      events: new Pool(url.origin, { ...common, connections: null, bodyTimeout: 0 }),
      waiting: 0,
    }
  }
  return { 'write-side': open('write-side'), accounts: open('accounts'), projections: open('projections') }
}

export async function closeUpstreams(upstreams: Upstreams): Promise<void> {
  await Promise.all(Object.values(upstreams).flatMap(({ requests, events }) => [requests.close(), events.destroy()]))
}
