import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { createMeter, type Meter } from '@micropay/runtime/meter'
import { connectorTo } from '@micropay/runtime/tls/connector'
import { type buildConnector, Pool } from 'undici'
import { createShare, type Share } from '../limit/share.ts'
import { forEachUpstream, type Route, type UpstreamName } from '../routes.ts'
import { askInTurn, type Requests } from './ask-in-turn.ts'
import { answersReady } from './ask-ready.ts'
import { type Breaker, createBreaker } from './breaker.ts'
import { type Instances, inTurn } from './instances.ts'
import { forEachLane, type LaneName, lanes } from './lanes.ts'
import { createRetries, type Retries } from './retries.ts'
import { openWorkers, type Workers } from './workers.ts'

export type Upstream = {
  readonly name: string
  /** The routes' name for it. */
  readonly serves: Route['upstream']
  /** What comes before the path that the caller asked for; usually empty. */
  readonly prefix: string
  /** Each kind of traffic has its own connections and places. */
  readonly lanes: Readonly<Record<LaneName, Lane>>
  /** Requests sent, or waiting for a connection, whose answer has not begun. */
  waiting: number
  /** Answers, each with the time until it began. */
  readonly answers: Meter
  readonly failures: Meter
  /** Whether it is asked at all. */
  readonly breaker: Breaker
  readonly retries: Retries
  /** Where one of several processes may be the better one to ask. */
  readonly workers?: Workers
  close(): Promise<void>
}
export type Lane = { readonly requests: Requests; readonly share: Share }
export type Upstreams = Readonly<Record<UpstreamName, Upstream>>
/** The projection workers by the name of their service. */
export type Projections = ReadonlyMap<string, Upstream>

const CONNECT_MS = 2000
/** Nothing that ends takes longer than this between two bytes of its body. */
const SILENCE_MS = 40_000

/** How connections to a service are made, by its name (deploy/runtime/tls/callers.ts). */
export type ConnectTo = (service: string, timeoutMs: number) => buildConnector.connector

/** With https the certificates of servers are checked by the authorities that Node knows. */
const connectToAny: ConnectTo = (_service, timeout) => connectorTo(() => ({ timeout, rejectUnauthorized: true }))

/** Connections for one kind of traffic. */
function openPool(origin: string, lane: LaneName, connect: buildConnector.connector): Pool {
  return new Pool(origin, {
    connections: lanes[lane].most,
    pipelining: 1,
    connect,
    // The lane's time, which counts from earlier, ends it first.
    headersTimeout: lanes[lane].withinMs + CONNECT_MS,
    bodyTimeout: lane === 'events' ? 0 : SILENCE_MS,
  })
}

/**
 * Connections to a service behind the gateway: of several addresses, parted by commas, each is asked in turn. `of` is
 * its name in its certificate.
 */
export function openUpstream(
  name: string,
  serves: Route['upstream'],
  addresses: string,
  { connectTo = connectToAny, ...platform }: Platform,
  of = name,
): Upstream {
  const urls = urlsIn(addresses)
  const connect = connectTo(of, CONNECT_MS)
  const pools = forEachLane((lane) => urls.map(({ origin }) => openPool(origin, lane, connect)))
  const opened = openLanes(
    (lane) => inTurn(pools[lane], platform.clock),
    () => urls.length,
  )
  const upstream = { ...described(name, serves, urls, platform.clock), lanes: opened }
  return guarded(upstream, platform, () => closePools(pools))
}

type Platform = {
  readonly clock: Clock
  readonly log: Logger
  readonly connectTo?: ConnectTo | undefined
  /** Told, for people, when a service is not asked any more, and when it is again. */
  readonly changed?: (what: string) => void
}

function guarded(
  upstream: Omit<Upstream, 'breaker' | 'retries' | 'close'>,
  { clock, log, changed }: Platform,
  closeConnections: () => Promise<void>,
): Upstream {
  const { name, prefix } = upstream
  const look = () => answersReady(upstream.lanes.health.requests, prefix)
  const breaker = createBreaker({ name, look, clock, log, changed })
  const close = async () => {
    await breaker.close()
    await closeConnections()
  }
  return { ...upstream, breaker, retries: createRetries(), close }
}

function described(name: string, serves: Route['upstream'], urls: readonly URL[], clock: Clock) {
  const meters = { answers: createMeter(clock), failures: createMeter(clock) }
  return { name, serves, prefix: prefixOf(urls), waiting: 0, ...meters }
}

function openLanes(instancesOf: (lane: LaneName) => Instances, processes: () => number): Upstream['lanes'] {
  return forEachLane((lane) => ({
    requests: askInTurn(instancesOf(lane)),
    share: createShare(lanes[lane], processes),
  }))
}

async function closePools(pools: Readonly<Record<LaneName, readonly Pool[]>>): Promise<void> {
  const { events, ...ending } = pools
  await Promise.all([
    ...events.map((pool) => pool.destroy()),
    ...Object.values(ending).flatMap((ofLane) => ofLane.map((pool) => pool.close())),
  ])
}

function urlsIn(addresses: string): readonly URL[] {
  return addresses.split(',').map((address) => new URL(address.trim()))
}

/** All addresses of a service have the same path. */
function prefixOf([url]: readonly URL[]): string {
  return url?.pathname.replace(/\/$/, '') ?? ''
}

/** Workers know each other: whoever is asked says which others there are. */
function openWriteSide(addresses: string, { connectTo = connectToAny, ...platform }: Platform): Upstream {
  const urls = urlsIn(addresses)
  const connect = connectTo('write-side', CONNECT_MS)
  const workers = openWorkers(urls, (origin, lane) => openPool(origin, lane, connect), platform.clock)
  const opened = openLanes(workers.of, workers.count)
  const upstream = { ...described('write-side', 'write-side', urls, platform.clock), lanes: opened, workers }
  return guarded(upstream, platform, workers.close)
}

export function openUpstreams(urls: Readonly<Record<UpstreamName, string>>, platform: Platform): Upstreams {
  return forEachUpstream((name) =>
    name === 'write-side' ? openWriteSide(urls[name], platform) : openUpstream(name, name, urls[name], platform),
  )
}

export function openProjections(urls: ReadonlyMap<string, string>, platform: Platform): Projections {
  const open = (service: string, url: string) =>
    openUpstream(`projections/${service}`, 'projections', url, platform, `${service}-projection`)
  return new Map(Array.from(urls, ([service, url]) => [service, open(service, url)] as const))
}

export async function closeUpstreams(upstreams: Iterable<Upstream>): Promise<void> {
  await Promise.all(Array.from(upstreams, (upstream) => upstream.close()))
}
