import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { createMeter, type Meter } from '@micropay/runtime/meter'
import { connectorTo } from '@micropay/runtime/tls/connector'
import { type buildConnector, Pool } from 'undici'
import type { Discovery, Place } from '../discover/discovery.ts'
import { openDiscovery } from '../discover/open-discovery.ts'
import type { AskedRegistry } from '../discover/registry/by-registry.ts'
import { pathBefore, serviceAddressOf } from '../discover/service-address.ts'
import { createShare, type Share } from '../limit/share.ts'
import { forEachUpstream, type Route, type UpstreamName } from '../routes.ts'
import { askInTurn, type Requests } from './ask-in-turn.ts'
import { answersReady } from './ask-ready.ts'
import { type Breaker, createBreaker } from './breaker.ts'
import { type Fleet, openFleet } from './fleet.ts'
import type { Instances } from './instances.ts'
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
  /** Answers that callers were given of what was kept, as it did not answer. */
  readonly kept: Meter
  /** Whether it is asked at all. */
  readonly breaker: Breaker
  readonly retries: Retries
  /** Where one of several processes may be the better one to ask. */
  readonly workers?: Workers
  /** How its instances stand; empty where it knows its own. */
  readonly instances: Fleet['instances']
  /** How they are found. */
  readonly discovery: Pick<Discovery, 'looked' | 'trouble'>
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
function openPool({ origin, address }: Place, lane: LaneName, connect: buildConnector.connector): Pool {
  return new Pool(origin, {
    connections: lanes[lane].most,
    pipelining: 1,
    connect: address === undefined ? connect : connectAt(address, new URL(origin).hostname, connect),
    // The lane's time, which counts from earlier, ends it first.
    headersTimeout: lanes[lane].withinMs + CONNECT_MS,
    bodyTimeout: lane === 'events' ? 0 : SILENCE_MS,
  })
}

/** One of the addresses of a name, which stays the one that is asked for. */
export function connectAt(
  hostname: string,
  servername: string,
  connect: buildConnector.connector = connectToAny('', CONNECT_MS),
): buildConnector.connector {
  return (to, callback) => connect({ ...to, hostname, servername }, callback)
}

type Platform = {
  readonly clock: Clock
  readonly log: Logger
  readonly connectTo?: ConnectTo | undefined
  readonly registry?: AskedRegistry | undefined
  /** Told, for people, when a service is not asked any more, and when it is again. */
  readonly changed?: (what: string) => void
}

/** What there is to say of a service before anything is known of its instances. */
function described(name: string, serves: Route['upstream'], addresses: string, of: string, platform: Platform) {
  const address = serviceAddressOf(addresses)
  if (!address) throw new RangeError(`${addresses} is no address of a service`)
  const { clock, log, registry, connectTo = connectToAny } = platform
  const connect = connectTo(of, CONNECT_MS)
  return {
    about: { name, serves, prefix: pathBefore(address), waiting: 0 },
    meters: { answers: createMeter(clock), failures: createMeter(clock), kept: createMeter(clock) },
    discovery: openDiscovery({ service: of, address, clock, log, registry }),
    open: (place: Place, lane: LaneName) => openPool(place, lane, connect),
  }
}

/** Connections to the instances of a service behind the gateway. `of` is its name in its certificate. */
export function openUpstream(
  name: string,
  serves: Route['upstream'],
  addresses: string,
  platform: Platform,
  of = name,
): Upstream {
  const { about, meters, discovery, open } = described(name, serves, addresses, of, platform)
  const fleet = openFleet({ name, prefix: about.prefix, discovery, open, clock: platform.clock, log: platform.log })
  const opened = openLanes(fleet.of, fleet.size)
  const upstream = { ...about, ...meters, lanes: opened, instances: fleet.instances, discovery }
  return guarded(upstream, platform, fleet.close)
}

/** Workers know each other: whoever is asked says which others there are. */
function openWriteSide(addresses: string, platform: Platform): Upstream {
  const { about, meters, discovery, open } = described('write-side', 'write-side', addresses, 'write-side', platform)
  const workers = openWorkers({ discovery, prefix: about.prefix }, open, platform.clock)
  const opened = openLanes(workers.of, workers.count)
  const upstream = { ...about, ...meters, lanes: opened, workers, instances: () => [], discovery }
  return guarded(upstream, platform, async () => {
    await discovery.close()
    await workers.close()
  })
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

function openLanes(instancesOf: (lane: LaneName) => Instances, processes: () => number): Upstream['lanes'] {
  return forEachLane((lane) => ({
    requests: askInTurn(instancesOf(lane)),
    share: createShare(lanes[lane], processes),
  }))
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
