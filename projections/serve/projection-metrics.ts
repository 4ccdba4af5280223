import type { EventLog } from '@micropay/event-log/event-log'
import type { Clock } from '@micropay/runtime/clock'
import type { Metrics, Tell } from '@micropay/runtime/telemetry/told'
import type { ProjectionStatus } from '@micropay/schemas/api/projection'
import type { Pool } from 'pg'
import type { FollowMeter } from '../follow/follow-meter.ts'
import { projectionStatus } from './status.ts'

type Measured = {
  readonly projection: string
  readonly pool: Pool
  readonly log: EventLog
  readonly clock: Clock
}

/** Several workers of a projection tell the same of where it stands: all read it from its database. */
const STATUS_EVERY_MS = 5_000

/** Where a projection stands, and what this process applies; undefined where nothing is measured. */
export function measureProjection(
  metrics: Metrics | undefined,
  { projection, pool, log, clock }: Measured,
): FollowMeter | undefined {
  if (!metrics) return undefined
  const took = metrics.timed('micropay_projection_apply_duration_seconds')
  const applied = new Map<number, number>()
  metrics.read((tell) => {
    for (const [partition, records] of applied) {
      tell('micropay_projection_records_total', records, { projection, partition: String(partition) })
    }
  })
  metrics.ask({
    name: 'projection',
    everyMs: STATUS_EVERY_MS,
    async ask(tell) {
      const all = await projectionStatus(pool, log, clock)
      for (const { partition } of all) applied.set(partition, applied.get(partition) ?? 0)
      tellStanding(tell, projection, all)
    },
  })
  return {
    applied(partition, records, seconds) {
      applied.set(partition, (applied.get(partition) ?? 0) + records)
      took(seconds, { projection, partition: String(partition) })
    },
  }
}

function tellStanding(tell: Tell, projection: string, all: readonly ProjectionStatus[]): void {
  for (const { partition, lagRecords, lagSeconds, stopped } of all.filter(({ state }) => state === 'live')) {
    const labels = { projection, partition: String(partition) }
    // Unknown while the log does not answer: by then the seconds say it.
    if (lagRecords !== null) tell('micropay_projection_lag_commits', lagRecords, labels)
    tell('micropay_projection_lag_seconds', lagSeconds, labels)
    tell('micropay_projection_stopped', stopped === null ? 0 : 1, labels)
  }
  tell('micropay_projection_rebuild_ratio', builtOf(all), { projection })
  tell('micropay_projection_rebuild_failed', all.some(({ lastFailure }) => lastFailure !== null) ? 1 : 0, {
    projection,
  })
}

function builtOf(all: readonly ProjectionStatus[]): number {
  const building = all.filter(({ state }) => state === 'building')
  const applied = building.reduce((sum, { appliedRecords }) => sum + appliedRecords, 0)
  const of = building.reduce((sum, { ofRecords }) => sum + (ofRecords ?? 0), 0)
  return of === 0 ? 1 : Math.min(1, applied / of)
}
