import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import type { Pool } from 'undici'
import type { Discovery, Place } from '../discover/discovery.ts'
import { UpstreamAwayError } from './failures.ts'
import type { Instance } from './instance.ts'
import type { Standing } from './instance-health.ts'
import type { Instances } from './instances.ts'
import { forEachLane, type LaneName } from './lanes.ts'
import { followMembers } from './members.ts'

export type FleetOptions = {
  /** Of the service. */
  readonly name: string
  readonly prefix: string
  readonly discovery: Discovery
  readonly open: (place: Place, lane: LaneName) => Pool
  readonly clock: Clock
  readonly log: Pick<Logger, 'info' | 'warn'>
}

/** How an instance stands, for people. */
export type InstanceStanding = {
  readonly name: string
  readonly standing: Standing
  readonly reason: string | undefined
  readonly underWay: number
}

export type Fleet = {
  of(lane: LaneName): Instances
  /** How many may be asked. */
  size(): number
  instances(): readonly InstanceStanding[]
  close(): Promise<void>
}

const LOOK_EVERY_MS = 1_000

/**
 * The instances of a service: found by its discovery, each looked at every second where there are several, and asked
 * by how much it has to do. One that leaves gets nothing new.
 */
export function openFleet({ name, prefix, discovery, open, clock, log }: FleetOptions): Fleet {
  const members = followMembers(discovery, open, clock)
  let next = 0

  async function lookAt(instance: Instance): Promise<void> {
    const look = await instance.look(prefix)
    noted(instance, () => instance.health.looked(look))
  }
  /** Tells of a change, and lets nobody wait for an instance that went away. */
  function noted(instance: Instance, change: () => void): void {
    const before = instance.health.standing()
    change()
    const standing = instance.health.standing()
    if (standing === before) return
    const about = { upstream: name, instance: instance.name, standing, reason: instance.health.reason() }
    if (standing === 'well') log.info(about, 'an instance is well, and gets its share by and by')
    else log.warn(about, 'an instance is asked after the others, or not at all')
    if (standing === 'away' && members.all().length > 1) instance.breakOff()
  }
  const beat = clock.every(LOOK_EVERY_MS, () => {
    const all = members.all()
    for (const instance of all) {
      // Of one alone its service's breaker says whether it is asked.
      if (all.length > 1 || instance.health.standing() !== 'well') void lookAt(instance)
    }
  })
  const askedOf = forEachLane(
    (lane): Instances => ({
      inOrder() {
        const all = members.all()
        const [only, other] = all
        // Its service's breaker says whether it is asked.
        if (only && !other) return [only.requests[lane]]
        const from = next++ % Math.max(1, all.length)
        const turned = [...all.slice(from), ...all.slice(0, from)]
        const asked = lane === 'health' ? turned : turned.filter(isNotAway)
        if (asked.length === 0) throw new UpstreamAwayError(name)
        return inOrderOf(asked, lane).map(({ requests }) => requests[lane])
      },
      avoid(requests) {
        const all = members.all()
        const instance = all.find((each) => each.requests[lane] === requests)
        if (instance && all.length > 1) noted(instance, () => instance.health.failed())
      },
    }),
  )
  return {
    of: (lane) => askedOf[lane],
    size: () => Math.max(1, members.all().filter(isNotAway).length),
    instances: () =>
      members.all().map(({ name: of, health, underWay }) => ({
        name: of,
        standing: health.standing(),
        reason: health.reason(),
        underWay: Object.values(forEachLane(underWay)).reduce((sum, count) => sum + count, 0),
      })),
    async close() {
      beat.cancel()
      await discovery.close()
      await members.close()
    },
  }
}

const isNotAway = ({ health }: Instance) => health.standing() !== 'away'
const ranks: Readonly<Record<Standing, number>> = { well: 0, 'not ready': 2, failed: 3, away: 4 }

/** Who is well and has least to do comes first; who comes back is left out of most turns. */
function inOrderOf(all: readonly Instance[], lane: LaneName): readonly Instance[] {
  const ranked = all.map((instance) => {
    const { health } = instance
    const rank = health.standing() === 'well' && !health.isItsTurn() ? 1 : ranks[health.standing()]
    return { instance, rank, underWay: instance.underWay(lane) }
  })
  const sorted = ranked.toSorted((one, other) => one.rank - other.rank || one.underWay - other.underWay)
  return sorted.map(({ instance }) => instance)
}
