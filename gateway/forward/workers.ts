import type { Clock } from '@micropay/runtime/clock'
import { Directory } from '@micropay/schemas/api/directory'
import type { Pool } from 'undici'
import { AVOIDED_MS, type Instances } from './instances.ts'

/** The command workers of a ledger, as the gateway found them. */
export type Workers = Instances & {
  /** How many partitions there are; 0 while no worker has said so. */
  partitions(): number
  close(): Promise<void>
}

const LOOK_EVERY_MS = 1_000
const ANSWERS_WITHIN_MS = 1_000

/** `isSilent` while it does not say which workers there are: one that stands still takes requests, and answers none. */
type Found = { readonly pool: Pool; avoidedUntilMs: number; isSilent: boolean }

/**
 * Finds the workers by asking all that it knows, at first those of `seeds`, every second. Those that are found are
 * asked at their own addresses; where none says which there are, the seeds are.
 */
export function openWorkers(seeds: readonly URL[], open: (origin: string) => Pool, clock: Clock): Workers {
  const found = new Map<string, Found>()
  const origins = seeds.map(({ origin }) => origin)
  const prefix = seeds[0]?.pathname.replace(/\/$/, '') ?? ''
  let listed: readonly string[] = []
  let owners: Directory['owners'] = []
  let looking: Promise<void> | undefined

  function find(origin: string): Found {
    const known = found.get(origin)
    if (known) return known
    const fresh = { pool: open(origin), avoidedUntilMs: 0, isSilent: false }
    found.set(origin, fresh)
    return fresh
  }
  function inOrder(partition?: number): readonly Pool[] {
    const at = partition === undefined ? null : (owners[partition] ?? null)
    const owner = at === null ? undefined : listed[at]
    const names = [...new Set([...(owner === undefined ? [] : [owner]), ...listed, ...origins])]
    const nowMs = clock.monotonicMs()
    const all = names.map(find)
    const isAvoided = ({ avoidedUntilMs, isSilent }: Found) => isSilent || avoidedUntilMs > nowMs
    return [...all.filter((each) => !isAvoided(each)), ...all.filter(isAvoided)].map(({ pool }) => pool)
  }
  async function look(): Promise<void> {
    const asked = [...new Set([...listed, ...origins])].map(find).map(async (each) => {
      const directory = await directoryOf(each.pool, prefix)
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
    for (const [origin, { pool }] of found) {
      if (kept.has(origin)) continue
      found.delete(origin)
      pool.close().catch(() => undefined)
    }
  }
  function lookSoon(): void {
    looking ??= look().finally(() => {
      looking = undefined
    })
  }
  const timer = clock.every(LOOK_EVERY_MS, lookSoon)
  lookSoon()
  return {
    inOrder,
    partitions: () => owners.length,
    avoid(worker) {
      const one = [...found.values()].find(({ pool }) => pool === worker)
      if (one) one.avoidedUntilMs = clock.monotonicMs() + AVOIDED_MS
      lookSoon()
    },
    async close() {
      timer.cancel()
      await looking
      await Promise.all(Array.from(found.values(), ({ pool }) => pool.close()))
    },
  }
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
