import type { Clock } from '@micropay/runtime/clock'
import { createMeter, type Meter } from '@micropay/runtime/meter'
import { Pool } from 'undici'
import { forEachUpstream, type Route, type UpstreamName } from '../routes.ts'
import { askInTurn, type Requests } from './ask-in-turn.ts'
import { inTurn } from './instances.ts'
import { openWorkers, type Workers } from './workers.ts'

export type Upstream = {
  readonly name: string
  /** The routes' name for it. */
  readonly serves: Route['upstream']
  /** What comes before the path that the caller asked for; usually empty. */
  readonly prefix: string
  /** For requests that end: connections are kept, one request at a time on each. */
  readonly requests: Requests
  /** For long answers, which a slow reader makes longer: in a pool of their own they keep no small read waiting. */
  readonly downloads: Requests
  /** How many of them are under way. */
  downloading: number
  /** For event streams: each holds a connection for as long as somebody listens. */
  readonly events: Requests
  /** Requests sent, or waiting for a connection, whose answer has not begun. */
  waiting: number
  /** Answers, each with the time until it began. */
  readonly answers: Meter
  readonly failures: Meter
  /** Where one of several processes may be the better one to ask. */
  readonly workers?: Workers
  close(): Promise<void>
}
export type Upstreams = Readonly<Record<UpstreamName, Upstream>>
/** The projection workers by the name of their service. */
export type Projections = ReadonlyMap<string, Upstream>

export const CONNECTIONS = 64
export const MOST_DOWNLOADS = 32
const CONNECT_MS = 2000
/**
 * A payment may wait 30 s for what becomes of it, once its partition has an owner, which takes up to 9 s; nothing that
 * ends takes longer than this between two bytes.
 */
const SILENCE_MS = 40_000

const common = {
  pipelining: 1,
  connect: { timeout: CONNECT_MS, rejectUnauthorized: true },
  headersTimeout: SILENCE_MS,
}
const poolOptions = { ...common, connections: CONNECTIONS, bodyTimeout: SILENCE_MS }

/**
 * Connections to a service behind the gateway: of several addresses, parted by commas, each is asked in turn. With
 * https certificates are checked.
 */
export function openUpstream(name: string, serves: Route['upstream'], addresses: string, clock: Clock): Upstream {
  const urls = urlsIn(addresses)
  const pools = (options: Pool.Options) => urls.map(({ origin }) => new Pool(origin, options))
  const requests = pools(poolOptions)
  const downloads = pools({ ...common, connections: MOST_DOWNLOADS, bodyTimeout: SILENCE_MS })
  const events = pools({ ...common, connections: null, bodyTimeout: 0 })
  const asked = (instances: readonly Pool[]) => askInTurn(inTurn(instances, clock))
  return {
    ...{ name, serves, waiting: 0, downloading: 0, prefix: prefixOf(urls) },
    ...{ requests: asked(requests), downloads: asked(downloads), events: asked(events) },
    ...{ answers: createMeter(clock), failures: createMeter(clock) },
    close: async () => {
      const ends = [...[...requests, ...downloads].map((pool) => pool.close()), ...events.map((pool) => pool.destroy())]
      await Promise.all(ends)
    },
  }
}

function urlsIn(addresses: string): readonly URL[] {
  return addresses.split(',').map((address) => new URL(address.trim()))
}

/** All addresses of a service have the same path. */
function prefixOf([url]: readonly URL[]): string {
  return url?.pathname.replace(/\/$/, '') ?? ''
}

/** Workers know each other: whoever is asked says which others there are. */
export function openUpstreams(urls: Readonly<Record<UpstreamName, string>>, clock: Clock): Upstreams {
  return forEachUpstream((name) => {
    const upstream = openUpstream(name, name, urls[name], clock)
    if (name !== 'write-side') return upstream
    const workers = openWorkers(urlsIn(urls[name]), (origin) => new Pool(origin, poolOptions), clock)
    const close = async () => {
      await Promise.all([upstream.close(), workers.close()])
    }
    return { ...upstream, requests: askInTurn(workers), workers, close }
  })
}

export function openProjections(urls: ReadonlyMap<string, string>, clock: Clock): Projections {
  const open = (service: string, url: string) => openUpstream(`projections/${service}`, 'projections', url, clock)
  return new Map(Array.from(urls, ([service, url]) => [service, open(service, url)] as const))
}

export async function closeUpstreams(upstreams: Iterable<Upstream>): Promise<void> {
  await Promise.all(Array.from(upstreams, (upstream) => upstream.close()))
}
