import type { Clock } from '@micropay/runtime/clock'
import { Directory } from '@micropay/schemas/api/directory'
import type { Pool } from 'undici'
import { type Discovery, nameOf, type Place } from '../discover/discovery.ts'
import { UpstreamAwayError } from './failures.ts'
import type { Instances } from './instances.ts'
import { forEachLane, type LaneName } from './lanes.ts'

/** The command workers of a ledger, as the gateway found them. */
export type Workers = {
  /** Whom to ask of one kind of traffic. */
  of(lane: LaneName): Instances
  /** Those that are asked; silent while one does not say which others there are. */
  all(): readonly { readonly name: string; readonly isSilent: boolean }[]
  /** How many workers are known. */
  count(): number
  /** How many partitions there are; 0 while no worker has said so. */
  partitions(): number
  close(): Promise<void>
}

const LOOK_EVERY_MS = 1_000
const ANSWERS_WITHIN_MS = 1_000
const AVOIDED_MS = 2_000

/** `isSilent` while it does not say which workers there are: one that stands still takes requests, and answers none. */
type Found = { readonly pools: Readonly<Record<LaneName, Pool>>; avoidedUntilMs: number; isSilent: boolean }

export type Seeds = {
  /** At which workers are asked for the others. */
  readonly discovery: Pick<Discovery, 'places'>
  /** What comes before each path. */
  readonly prefix: string
}

/**
 * Finds the workers by asking all that it knows, at first those of `seeds`, every second. Those that are found are
 * asked at their own addresses; where none says which there are, the seeds are.
 */
export function openWorkers(
  { discovery, prefix }: Seeds,
  open: (place: Place, lane: LaneName) => Pool,
  clock: Clock,
): Workers {
  const found = new Map<string, Found>()
  let listed: readonly Place[] = []
  let owners: Directory['owners'] = []
  let looking: Promise<void> | undefined

  function find(place: Place): Found {
    const known = found.get(nameOf(place))
    if (known) return known
    const fresh = { pools: forEachLane((lane) => open(place, lane)), avoidedUntilMs: 0, isSilent: false }
    found.set(nameOf(place), fresh)
    return fresh
  }
  const known = () => unique([...listed, ...discovery.places()])
  function inOrder(lane: LaneName, partition?: number): readonly Pool[] {
    const at = partition === undefined ? null : (owners[partition] ?? null)
    const owner = at === null ? undefined : listed[at]
    const asked = unique([...(owner === undefined ? [] : [owner]), ...known()])
    if (asked.length === 0) throw new UpstreamAwayError('write-side')
    return avoidedLast(asked.map(find), clock.monotonicMs()).map(({ pools }) => pools[lane])
  }
  async function look(): Promise<void> {
    const asked = known()
      .map(find)
      .map(async (each) => {
        const directory = await directoryOf(each.pools.health, prefix)
        each.isSilent = directory === undefined
        return directory ?? Promise.reject(new Error('it does not say'))
      })
    // Who stands still keeps nobody from hearing of the others.
    const directory = await Promise.any(asked).catch(() => undefined)
    if (directory) {
      listed = directory.workers.map(({ url }) => ({ origin: new URL(url).origin }))
      owners = directory.owners
    }
    await Promise.allSettled(asked)
    const kept = new Set(known().map(nameOf))
    for (const [name, each] of found) {
      if (kept.has(name)) continue
      found.delete(name)
      closed(each).catch(() => undefined)
    }
  }
  function lookSoon(): void {
    looking ??= look().finally(() => {
      looking = undefined
    })
  }
  function avoid(worker: unknown, lane: LaneName): void {
    const one = [...found.values()].find(({ pools }) => pools[lane] === worker)
    if (one) one.avoidedUntilMs = clock.monotonicMs() + AVOIDED_MS
    lookSoon()
  }
  const timer = clock.every(LOOK_EVERY_MS, lookSoon)
  lookSoon()
  return {
    of: (lane) => ({ inOrder: (partition) => inOrder(lane, partition), avoid: (worker) => avoid(worker, lane) }),
    all: () => Array.from(found, ([name, { isSilent }]) => ({ name, isSilent })),
    ...{ count: () => found.size, partitions: () => owners.length },
    async close() {
      timer.cancel()
      await looking
      await Promise.all(Array.from(found.values(), closed))
    },
  }
}

function unique(places: readonly Place[]): readonly Place[] {
  return [...new Map(places.map((place) => [nameOf(place), place])).values()]
}

function avoidedLast(all: readonly Found[], nowMs: number): readonly Found[] {
  const isAvoided = ({ avoidedUntilMs, isSilent }: Found) => isSilent || avoidedUntilMs > nowMs
  return [...all.filter((each) => !isAvoided(each)), ...all.filter(isAvoided)]
}

async function closed({ pools }: Found): Promise<void> {
  await Promise.all(Object.values(pools).map((pool) => pool.close()))
}

/** Seeds that are reached under a path may be anything but workers: nothing else is asked there. */
async function directoryOf(pool: Pool, prefix: string): Promise<Directory | undefined> {
  if (prefix !== '') return undefined
  try {
    const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS)
    const answer = await pool.request({ path: '/directory', method: 'GET', signal })
    const read = Directory.safeParse(await answer.body.json()).data
    return read && read.workers.length > 0 ? read : undefined
  } catch {
    return undefined
  }
}
