import type { Clock } from '@micropay/runtime/clock'
import { Directory } from '@micropay/schemas/api/directory'
import type { Pool } from 'undici'
import { AVOIDED_MS, type Instances } from './instances.ts'
import { forEachLane, type LaneName } from './lanes.ts'

/** The command workers of a ledger, as the gateway found them. */
export type Workers = {
  /** Whom to ask of one kind of traffic. */
  of(lane: LaneName): Instances
  /** How many workers are known. */
  count(): number
  /** How many partitions there are; 0 while no worker has said so. */
  partitions(): number
  close(): Promise<void>
}

const LOOK_EVERY_MS = 1_000
const ANSWERS_WITHIN_MS = 1_000

/** `isSilent` while it does not say which workers there are: one that stands still takes requests, and answers none. */
type Found = { readonly pools: Readonly<Record<LaneName, Pool>>; avoidedUntilMs: number; isSilent: boolean }

/**
 * Finds the workers by asking all that it knows, at first those of `seeds`, every second. Those that are found are
 * asked at their own addresses; where none says which there are, the seeds are.
 */
export function openWorkers(
  seeds: readonly URL[],
  open: (origin: string, lane: LaneName) => Pool,
  clock: Clock,
): Workers {
  const found = new Map<string, Found>()
  const origins = seeds.map(({ origin }) => origin)
  const prefix = seeds[0]?.pathname.replace(/\/$/, '') ?? ''
  let listed: readonly string[] = []
  let owners: Directory['owners'] = []
  let looking: Promise<void> | undefined

  function find(origin: string): Found {
    const known = found.get(origin)
    if (known) return known
    const fresh = { pools: forEachLane((lane) => open(origin, lane)), avoidedUntilMs: 0, isSilent: false }
    found.set(origin, fresh)
    return fresh
  }
  function inOrder(lane: LaneName, partition?: number): readonly Pool[] {
    const at = partition === undefined ? null : (owners[partition] ?? null)
    const owner = at === null ? undefined : listed[at]
    const names = [...new Set([...(owner === undefined ? [] : [owner]), ...listed, ...origins])]
    return avoidedLast(names.map(find), clock.monotonicMs()).map(({ pools }) => pools[lane])
  }
  async function look(): Promise<void> {
    const asked = [...new Set([...listed, ...origins])].map(find).map(async (each) => {
      const directory = await directoryOf(each.pools.health, prefix)
      each.isSilent = directory === undefined
      return directory ?? Promise.reject(new Error('it does not say'))
    })
    // Who stands still keeps nobody from hearing of the others.
    const directory = await Promise.any(asked).catch(() => undefined)
    if (directory) {
      listed = directory.workers.map(({ url }) => new URL(url).origin)
      owners = directory.owners
    }
    await Promise.allSettled(asked)
    const kept = new Set([...listed, ...origins])
    for (const [origin, each] of found) {
      if (kept.has(origin)) continue
      found.delete(origin)
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
    count: () => found.size,
    partitions: () => owners.length,
    async close() {
      timer.cancel()
      await looking
      await Promise.all(Array.from(found.values(), closed))
    },
  }
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
