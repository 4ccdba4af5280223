import type { Clock } from '@micropay/runtime/clock'
import { createMeter, type Meter } from '@micropay/runtime/meter'
import { type Dispatcher, Pool } from 'undici'
import { forEachUpstream, type Route, type UpstreamName } from '../routes.ts'
import { openWorkers, type Workers } from './workers.ts'

export type Upstream = {
  readonly name: string
  /** The routes' name for it. */
  readonly serves: Route['upstream']
  /** What comes before the path that the caller asked for; usually empty. */
  readonly prefix: string
  /** For requests that end: connections are kept, one request at a time on each. */
  readonly requests: Dispatcher
  /** For long answers, which a slow reader makes longer: in a pool of their own they keep no small read waiting. */
  readonly downloads: Dispatcher
  /** How many of them are under way. */
  downloading: number
  /** For event streams: each holds a connection for as long as somebody listens. */
  readonly events: Dispatcher
  /** Requests sent, or waiting for a connection, whose answer has not begun. */
  waiting: number
  /** Answers, each with the time until it began. */
  readonly answers: Meter
  readonly failures: Meter
  /** Where several processes serve alike, and one may be the better one to ask. */
  readonly workers?: Workers
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

/** Connections to a service behind the gateway. With https its certificate is checked. */
export function openUpstream(name: string, serves: Route['upstream'], address: string, clock: Clock): Upstream {
  const url = new URL(address)
  return {
    ...{ name, serves, waiting: 0, downloading: 0 },
    prefix: url.pathname.replace(/\/$/, ''),
    requests: new Pool(url.origin, poolOptions),
    downloads: new Pool(url.origin, { ...common, connections: MOST_DOWNLOADS, bodyTimeout: SILENCE_MS }),
    events: new Pool(url.origin, { ...common, connections: null, bodyTimeout: 0 }),
    answers: createMeter(clock),
    failures: createMeter(clock),
  }
}

/** The write side may have several addresses, parted by commas: of some of its workers, which know the others. */
export function openUpstreams(urls: Readonly<Record<UpstreamName, string>>, clock: Clock): Upstreams {
  return forEachUpstream((name) => {
    if (name !== 'write-side') return openUpstream(name, name, urls[name], clock)
    const seeds = urls[name].split(',').map((url) => new URL(url.trim()))
    const upstream = openUpstream(name, name, seeds[0]?.href ?? urls[name], clock)
    const open = (origin: string) => new Pool(origin, poolOptions)
    const workers = openWorkers(seeds, open, clock)
    return { ...upstream, requests: workers.any, workers }
  })
}

export function openProjections(urls: ReadonlyMap<string, string>, clock: Clock): Projections {
  const open = (service: string, url: string) => openUpstream(`projections/${service}`, 'projections', url, clock)
  return new Map(Array.from(urls, ([service, url]) => [service, open(service, url)] as const))
}

export async function closeUpstreams(upstreams: Iterable<Upstream>): Promise<void> {
  const close = ({ requests, downloads, events, workers }: Upstream) => [
    ...[requests.close(), downloads.close(), events.destroy(), workers?.close()],
  ]
  await Promise.all(Array.from(upstreams).flatMap(close))
}
