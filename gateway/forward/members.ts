import type { Clock, Timer } from '@micropay/runtime/clock'
import type { Pool } from 'undici'
import { type Discovery, nameOf, type Place } from '../discover/discovery.ts'
import { type Instance, openInstance } from './instance.ts'
import type { LaneName } from './lanes.ts'

/** What was open at an instance that is no longer named has so long to end, a stream that would go on for ever too. */
const LEAVE_WITHIN_MS = 600_000

export type Members = {
  /** Those that there are now. */
  all(): readonly Instance[]
  close(): Promise<void>
}

/** The instances that a discovery names. One that it names no more gets nothing new, and ends what it has begun. */
export function followMembers(
  discovery: Discovery,
  open: (place: Place, lane: LaneName) => Pool,
  clock: Clock,
): Members {
  const instances = new Map<string, Instance>()
  const leaving = new Map<Instance, Timer>()

  function take(): void {
    const places = new Map(discovery.places().map((place) => [nameOf(place), place]))
    for (const [key, place] of places) {
      if (!instances.has(key))
        instances.set(
          key,
          openInstance(place, (lane) => open(place, lane), clock),
        )
    }
    for (const [key, instance] of instances) {
      if (places.has(key)) continue
      instances.delete(key)
      leave(instance)
    }
  }
  function leave(instance: Instance): void {
    const timer = clock.timer(LEAVE_WITHIN_MS, () => instance.close())
    leaving.set(instance, timer)
    void instance.leave().finally(() => {
      timer.cancel()
      leaving.delete(instance)
    })
  }
  discovery.onChange(take)
  take()
  return {
    all: () => [...instances.values()],
    async close() {
      for (const timer of leaving.values()) timer.cancel()
      await Promise.all([...instances.values(), ...leaving.keys()].map((each) => each.close()))
    },
  }
}
