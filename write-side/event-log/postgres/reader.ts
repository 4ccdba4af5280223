import type { ToldTraces } from '@micropay/runtime/telemetry/told-traces'
import { isTracing } from '@micropay/runtime/telemetry/tracing'
import type { Pool } from 'pg'
import { endsBefore, type LogRecord, missingRecord, type ReadOptions } from '../event-log.ts'
import type { Outage } from '../outage.ts'
import { readPages } from '../read-pages.ts'
import type { Tail } from '../tail-waiters.ts'
import { isNotThere, missingPartition } from './tables.ts'

/** Reads one partition in pages, each on a connection of a pool that all readers share. */
export function readPostgres(
  { pool, tail, traces, outage }: ReaderDependencies,
  partition: number,
  from: bigint,
  options: ReadOptions,
): AsyncIterable<readonly LogRecord[]> {
  const page = async (next: bigint, most: number) => {
    try {
      const records = await readPage(pool, partition, next, { most, until: options.until })
      return isTracing() ? records.map((record) => withTrace(record, partition, traces)) : records
    } catch (cause) {
      if (!isNotThere(cause)) throw cause
      throw next > 0n ? endsBefore(partition, 0n, next) : missingPartition(partition)
    }
  }
  return readPages({ tail, outage, readPage: page }, partition, from, options)
}

export type ReaderDependencies = {
  readonly pool: Pool
  readonly tail: Tail
  readonly traces: ToldTraces
  readonly outage: Outage
}

/** Looked up when it is wanted: the record may be read before its trace was told. */
function withTrace({ offset, key, value }: LogRecord, partition: number, traces: ToldTraces): LogRecord {
  return {
    ...{ offset, key, value },
    get traceparent() {
      return traces.of(partition, offset)
    },
  }
}

/** One statement, so one snapshot: the end and the page belong together. */
const selectPage = `
  select end_.next_offset::text as end, page."offset"::text as offset, page.key, page.value,
    $2 = 0 or exists (select from event_log.records where partition = $1 and "offset" = $2 - 1) as follows
  from event_log.partitions end_ left join lateral (
    select "offset", key, value from event_log.records
    where partition = end_.partition and "offset" >= $2 order by "offset" limit $3
  ) page on true
  where end_.partition = $1 order by page."offset"`

type PageRow = {
  readonly end: string
  /** The record before the page is there. */
  readonly follows: boolean
  readonly offset: string | null
  readonly key: string | null
  readonly value: Uint8Array | null
}

async function readPage(
  pool: Pool,
  partition: number,
  next: bigint,
  { most, until }: { readonly most: number; readonly until: bigint | undefined },
): Promise<LogRecord[]> {
  const { rows } = await pool.query<PageRow>({ name: 'page', text: selectPage, values: [partition, next, most] })
  return recordsOf(rows, partition, next, until ?? next)
}

function recordsOf(rows: readonly PageRow[], partition: number, next: bigint, least: bigint): LogRecord[] {
  // A partition that was read from, and is gone, was not forgotten to be prepared.
  if (rows[0] === undefined) throw next > 0n ? endsBefore(partition, 0n, next) : missingPartition(partition)
  const end = BigInt(rows[0].end)
  if (end < least) throw endsBefore(partition, end, least)
  if (!rows[0].follows) throw missingRecord(partition, next - 1n)
  const records = rows.flatMap(({ offset, key, value }) =>
    offset === null || key === null || value === null ? [] : [{ offset: BigInt(offset), key, value }],
  )
  records.forEach((record, index) => {
    const expected = next + BigInt(index)
    if (record.offset !== expected) throw missingRecord(partition, expected)
  })
  if (records.length === 0 && end > next) throw missingRecord(partition, next)
  return records
}
