import { formatPosition } from '@micropay/schemas/position'
import type { ProjectionStatus } from '@micropay/schemas/projection'
import type { EventLog } from '@micropay/write-side/append/event-log'
import type { Pool } from 'pg'

/** Where every version of every projection in this database stands, partition by partition, against the log's end as it is now. */
export async function projectionStatus(pool: Pool, log: EventLog): Promise<ProjectionStatus[]> {
  const found = await pool.query<StatusRow>(`
    select v.service, v.name, v.version, v.schema_name, v.state, c.partition, c.seq, c.log_offset, c.rate_per_second, c.stopped,
      extract(epoch from clock_timestamp() - coalesce(c.caught_up_at, v.made_at))::float8 as age_seconds
    from projection.version v join projection.checkpoint c using (schema_name)
    order by v.service, v.name, v.made_at desc, c.partition`)
  const partitions = new Set(found.rows.map((row) => row.partition))
  const ends = new Map(await Promise.all([...partitions].map(async (at) => [at, await log.end(at)] as const)))
  return found.rows.map((row) => ({
    service: row.service,
    name: row.name,
    version: row.version,
    schema: row.schema_name,
    state: row.state,
    partition: row.partition,
    position: formatPosition({ partition: row.partition, seq: Number(row.seq) }),
    lagRecords: Math.max(0, Number((ends.get(row.partition) ?? 0n) - BigInt(row.log_offset))),
    lagSeconds: Math.max(0, Math.round(row.age_seconds * 10) / 10),
    ratePerSecond: Math.round(row.rate_per_second),
    stopped: row.stopped,
  }))
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
  age_seconds: number
}
