import type { ClientBase } from 'pg'
import type { Appended, NewRecord } from '../event-log.ts'

/** What one partition appends. */
export type PartitionRecords = { readonly partition: number; readonly records: readonly NewRecord[] }

/**
 * All values travel as one bytea and are cut apart by their lengths: pg sends a single buffer in binary, and an array
 * of them as hexadecimal text of twice the size. Each counter is moved, and so locked, in the order of the partitions:
 * processes that append to the same ones wait for each other and never in a circle. The time is read once they are
 * locked, so that appends of one partition have times in the order of their offsets.
 */
const insertRecords = `
  with wanted as (
    select partition, count, sum(count) over (order by ordinal) - count as before
    from unnest($1::int[], $2::int[]) with ordinality as wanted (partition, count, ordinal)
  ), counter as (
    update event_log.partitions as held set next_offset = next_offset + count
    from wanted where held.partition = wanted.partition
    returning held.partition, next_offset - count as base, before, count
  ), cut as (
    select ordinal, key, length, 1 + sum(length) over (order by ordinal) - length as start
    from unnest($3::text[], $4::int[]) with ordinality as record (key, length, ordinal)
  ), inserted as (
    insert into event_log.records (partition, "offset", key, value)
    select partition, base + ordinal - before - 1, key, substring($5::bytea from start::int for length)
    from counter join cut on ordinal > before and ordinal <= before + count
  )
  select counter.partition, base::text, floor(extract(epoch from clock_timestamp()) * 1000)::float8 as "storeMs",
    (select encode(sha256(value), 'hex') from event_log.records as record
     where record.partition = counter.partition and "offset" = base - 1) as behind`
/**
 * What is told of traces goes to those who listen then and is kept nowhere: `0 17 0=00-…-01 3=00-…-01`, partition,
 * first offset, and by the place behind that the record's traceparent. It is told before the append is.
 */
const tellTraces = `
  (select pg_notify('event_log_traces', counter.partition || ' ' || base || ' ' || traces)
   from unnest($1::int[], $6::text[]) as told (partition, traces)
   where told.partition = counter.partition and traces <> '')`
const append = { name: 'append apart', text: `${insertRecords} from counter` }
const appendAndTell = {
  name: 'append',
  text: `${insertRecords}, pg_notify('event_log', counter.partition::text) from counter`,
}
const appendTraced = { name: 'append apart traced', text: `${insertRecords}, ${tellTraces} from counter` }
const appendTracedAndTell = {
  name: 'append traced',
  text: `${insertRecords}, ${tellTraces}, pg_notify('event_log', counter.partition::text) from counter`,
}

/**
 * Appends to several partitions, which must be in order, in one transaction, and tells readers where `tells`. Answers
 * what became of each that is there.
 */
export async function insertAll(
  client: ClientBase,
  appends: readonly PartitionRecords[],
  tells: boolean,
): Promise<ReadonlyMap<number, Appended>> {
  const records = appends.flatMap((each) => each.records)
  const isTraced = records.some(({ traceparent }) => traceparent !== undefined)
  const untraced = tells ? appendAndTell : append
  const traced = tells ? appendTracedAndTell : appendTraced
  const { rows } = await client.query<AppendRow>({
    ...(isTraced ? traced : untraced),
    values: [
      appends.map(({ partition }) => partition),
      appends.map((each) => each.records.length),
      records.map(({ key }) => key),
      records.map(({ value }) => value.byteLength),
      Buffer.concat(records.map(({ value }) => value)),
      ...(isTraced ? [appends.map((each) => tracesIn(each.records))] : []),
    ],
  })
  return new Map(
    rows.map(({ partition, base, storeMs, behind }) => [
      partition,
      { offset: BigInt(base), storeMs, behind: behind ?? undefined },
    ]),
  )
}

/** PostgreSQL takes less than 8,000 bytes: a traceparent and its place are 62 at most. */
const MOST_TRACES = 100

function tracesIn(records: readonly NewRecord[]): string {
  const traced = records.flatMap(({ traceparent }, place) =>
    traceparent === undefined ? [] : `${place}=${traceparent}`,
  )
  return traced.slice(0, MOST_TRACES).join(' ')
}

type AppendRow = {
  readonly partition: number
  readonly base: string
  readonly storeMs: number
  readonly behind: string | null
}
