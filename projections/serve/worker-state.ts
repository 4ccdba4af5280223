import type { EventLog } from '@micropay/event-log/event-log'
import type { Clock } from '@micropay/runtime/clock'
import type { Leases } from '@micropay/runtime/leases'
import type { Logger } from '@micropay/runtime/logger'
import type { LastFailure } from '@micropay/schemas/api/projection'
import type { Pool } from 'pg'
import type { FollowMeter } from '../follow/follow-meter.ts'
import type { Followers } from '../follow/followers.ts'
import type { Projection } from '../projection.ts'

/** What a worker of one projection stands on. */
export type WorkerDeps = {
  readonly log: EventLog
  readonly pool: Pool
  /**
   * For what is made, built or brought up to date, and for its switch, which holds up all that follows the live
   * version: that may have every connection of `pool` meanwhile. Where roles are split its role alone may make tables
   * and drop them. `pool` if not given.
   */
  readonly buildingPool?: Pool | undefined
  readonly databaseUrl: string
  readonly clock: Clock
  readonly logger: Logger
  /** As in FollowSource. */
  readonly ownersLeases?: Pick<Leases, 'open'> | undefined
  readonly projection: Projection
  readonly meter?: FollowMeter | undefined
}

/** How it is doing: its followers, rebuilds and rollbacks write this down. */
export type WorkerState = {
  readonly deps: WorkerDeps
  /** Of `pool`, and of `buildingPool`. */
  readonly followers: Followers
  readonly builders: Followers
  readonly leases: Leases
  /** Names this process to those who look at its leases. */
  readonly ownerId: string
  readonly stop: AbortController
  /** Of the log, once that and the read model are prepared. */
  partitions: number | undefined
  unprepared: string
  /** By partition: why it does not get on. */
  readonly troubles: Map<number, string>
  /** By partition: since when, on the monotonic clock, it steps back from what another worker may be spared. */
  readonly stalledSince: Map<number, number>
  rebuilding: Promise<void> | undefined
  /** Rebuilds and rollbacks of this process that failed since one did not. */
  failedInARow: number
  /** As the registry has it, of this process or another. */
  lastFailure: LastFailure | undefined
}

/** The connections of whoever may make tables. */
export function makingPool({ pool, buildingPool }: Pick<WorkerDeps, 'pool' | 'buildingPool'>): Pool {
  return buildingPool ?? pool
}

/** Throws an Error where they are not known yet. */
export function partitionsOf({ partitions, unprepared }: WorkerState): number {
  if (partitions === undefined) throw new Error(`the read model is not prepared yet: ${unprepared}`)
  return partitions
}
