import type { EventLog } from '@micropay/event-log/event-log'
import type { Clock } from '@micropay/runtime/clock'
import type { LastFailure, ProjectionStatus } from '@micropay/schemas/api/projection'
import { formatPosition } from '@micropay/schemas/position'
import type { Pool } from 'pg'

/**
 * Where every version of every projection in this database stands, partition by partition, against the log's end as it
 * is now.
 */
export async function projectionStatus(pool: Pool, log: EventLog, clock: Clock): Promise<ProjectionStatus[]> {
  const found = await pool.query<StatusRow>(`
    select service, name, v.version, v.schema_name, v.state, c.partition, c.seq, c.log_offset,
      c.rate_per_second, c.stopped, c.given_up_by, failure.at, failure.what, failure.reason,
      extract(epoch from clock_timestamp() - coalesce(c.caught_up_at, v.made_at))::float8 as age_seconds
    from projection.version v join projection.checkpoint c using (schema_name)
      left join projection.failure failure using (service, name)
    order by service, name, v.made_at desc, c.partition`)
  const partitions = new Set(found.rows.map((row) => row.partition))
  const ends = new Map(await Promise.all([...partitions].map(async (at) => [at, await endOf(log, at, clock)] as const)))
  return found.rows.map((row) => ({
    service: row.service,
    name: row.name,
    version: row.version,
    schema: row.schema_name,
    state: row.state,
    partition: row.partition,
    position: formatPosition({ partition: row.partition, seq: Number(row.seq) }),
    ...progressOf(Number(row.log_offset), ends.get(row.partition) ?? null, row),
    lagSeconds: Math.max(0, Math.round(row.age_seconds * 10) / 10),
    ratePerSecond: Math.round(rateOf(row)),
    stopped: stoppedOf(row),
    givenUpBy:
      row.given_up_by === null ? null : formatPosition({ partition: row.partition, seq: Number(row.given_up_by) }),
    lastFailure:
      row.at && row.what && row.reason !== null
        ? { at: row.at.toISOString(), what: row.what, reason: row.reason }
        : null,
  }))
}

/** A retired version keeps the rate that it was last followed at. */
const rateOf = ({ state, rate_per_second, stopped }: StatusRow) =>
  state === 'retired' || stopped !== null ? 0 : rate_per_second

/** Nobody follows a retired version: it stands still, and nothing is wrong with that. */
const stoppedOf = ({ state, stopped }: StatusRow) => (state === 'retired' ? null : stopped)

const END_WITHIN_MS = 1_500

/** A log that does not answer leaves the rest of the status as it is. */
async function endOf(log: EventLog, partition: number, clock: Clock): Promise<number | null> {
  const answered = new AbortController()
  const late = clock.sleep(END_WITHIN_MS, answered.signal).then(() => null)
  const asked = log.end(partition).then(Number, () => null)
  return Promise.race([asked, late]).finally(() => answered.abort())
}

function progressOf(applied: number, end: number | null, row: StatusRow) {
  if (end === null) {
    return { appliedRecords: applied, ofRecords: null, lagRecords: null, percent: null, etaSeconds: null }
  }
  if (stoppedOf(row) !== null || row.given_up_by !== null) {
    // How much it lacks is not known: the log may not lead to what it holds.
    const lag = end > applied ? end - applied : null
    return { appliedRecords: applied, ofRecords: end, lagRecords: lag, percent: null, etaSeconds: null }
  }
  const ratePerSecond = rateOf(row)
  // The log may have grown since its end was asked.
  const of = Math.max(end, applied)
  const lag = of - applied
  const percent = of === 0 ? 100 : Math.floor((1000 * applied) / of) / 10
  const etaSeconds = lag === 0 ? 0 : ratePerSecond > 0 ? Math.ceil(lag / ratePerSecond) : null
  return { appliedRecords: applied, ofRecords: of, lagRecords: lag, percent, etaSeconds }
}

type StatusRow = {
  service: string
  name: string
  version: number
  schema_name: string
  state: ProjectionStatus['state']
  partition: number
  seq: string
  log_offset: string
  rate_per_second: number
  stopped: string | null
  given_up_by: string | null
  age_seconds: number
  at: Date | null
  what: LastFailure['what'] | null
  reason: string | null
}
