import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { unlessAborted } from '@micropay/runtime/unless-aborted'
import { type Discovery, nameOf, type Place } from './discovery.ts'

/** Instances, and how long that is to be believed. */
export type Found = { readonly places: readonly Place[]; readonly forMs: number }

export type LookingOptions = {
  /** The service, and where it is looked for, for people. */
  readonly service: string
  readonly at: string
  /** Rejects where nothing can be said. */
  readonly find: () => Promise<Found>
  readonly clock: Clock
  readonly log: Pick<Logger, 'info' | 'error'>
}

const AFTER_FAILURE_MS = 1_000
/** Each is looked at every second: whoever says more of them lies, or is mistaken. */
const MOST_INSTANCES = 1_000
/** Whatever is asked: the system's own look for a name may take far longer. */
const ANSWERED_WITHIN_MS = 5_000

/**
 * Looks for instances again and again. An answer that there are none, or far too many, is taken for a failure of
 * whoever gave it: those of before are kept, since one that is gone in truth is noticed by itself.
 */
export function keepLooking({ service, at, find, clock, log }: LookingOptions): Discovery {
  const closing = new AbortController()
  const first = Promise.withResolvers<void>()
  const listeners: (() => void)[] = []
  let known: readonly Place[] = []
  let trouble: string | undefined

  async function look(): Promise<number> {
    try {
      const found = await unlessAborted(find(), AbortSignal.any([closing.signal, clock.deadline(ANSWERED_WITHIN_MS)]))
      if (!found) throw new Error(`no answer within ${ANSWERED_WITHIN_MS} ms`)
      const { places, forMs } = found
      if (places.length === 0) throw new Error('no instance is known there')
      if (places.length > MOST_INSTANCES)
        throw new Error(`it names ${places.length} instances, and ${MOST_INSTANCES} at most are taken`)
      if (trouble !== undefined) log.info({ service, at }, 'instances are found again')
      trouble = undefined
      take(places)
      return forMs
    } catch (error) {
      if (closing.signal.aborted) return 0
      const reason = error instanceof Error ? error.message : String(error)
      if (trouble === undefined) log.error({ service, at, reason }, 'instances cannot be looked for')
      trouble = `instances of ${service} cannot be looked for at ${at}, those of before are asked: ${reason}`
      return AFTER_FAILURE_MS
    }
  }
  function take(places: readonly Place[]): void {
    const names = (all: readonly Place[]) => JSON.stringify(all.map(nameOf).toSorted())
    if (names(places) === names(known)) return
    known = places
    log.info({ service, at, instances: places.map(nameOf) }, 'the instances of a service are these')
    for (const tell of listeners) tell()
  }
  async function goOn(): Promise<void> {
    let forMs = await look()
    first.resolve()
    while (await clock.sleep(forMs, closing.signal)) forMs = await look()
  }
  const running = goOn()
  return {
    places: () => known,
    onChange: (work) => void listeners.push(work),
    trouble: () => trouble,
    looked: first.promise,
    async close() {
      closing.abort()
      await running
    },
  }
}
