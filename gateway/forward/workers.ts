import type { Clock } from '@micropay/runtime/clock'
import { Directory } from '@micropay/schemas/api/directory'
import { Dispatcher, type Pool } from 'undici'

/** The command workers of a ledger, as the gateway found them. */
export type Workers = {
  /** Whom to ask: the owner of the partition first, then the others that answered last, and each once. */
  inOrder(partition?: number): readonly Dispatcher[]
  /** How many partitions there are; 0 while no worker has said so. */
  partitions(): number
  /** It was not reached, or is ending: others are asked first, and it is looked for anew. */
  avoid(worker: Dispatcher): void
  /** Asks whoever is the first just now. */
  readonly any: Dispatcher
  close(): Promise<void>
}

const LOOK_EVERY_MS = 1_000
const ANSWERS_WITHIN_MS = 1_000
const AVOIDED_MS = 2_000

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
    any: new ToAny(() => inOrder()[0]),
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

/** Hands each request to whoever is the first at that moment. */
class ToAny extends Dispatcher {
  readonly #first: () => Dispatcher | undefined

  constructor(first: () => Dispatcher | undefined) {
    super()
    this.#first = first
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const first = this.#first()
    if (!first) throw new RangeError('there is a seed')
    return first.dispatch(options, handler)
  }

  override close(): Promise<void>
  override close(callback: () => void): void
  override close(callback?: () => void): Promise<void> | undefined {
    if (!callback) return Promise.resolve()
    callback()
    return undefined
  }
}
