import assert from 'node:assert/strict'
import type { ClientBase, Pool, PoolClient } from 'pg'
import { type Appended, type Appender, LogError, type NewRecord } from '../event-log.ts'
import { appendUnknown, unavailable } from '../outage.ts'
import type { Notices } from './notices.ts'
import { endsOf, missing, missingPartition } from './tables.ts'

/**
 * Appends to one partition, each append one statement on a connection that nobody else has meanwhile; one whose append
 * failed is used no more, and neither is the appender. With `notices` readers are told of it apart from the append.
 */
export async function openPostgresAppender(pool: Pool, partition: number, notices?: Notices): Promise<Appender> {
  let broken: Error | undefined
  let appending: PoolClient | undefined
  try {
    if (!(await endsOf(pool, [partition])).has(partition)) throw missingPartition(partition)
  } catch (cause) {
    throw unavailable('PostgreSQL', cause)
  }
  return {
    append: async (records) => {
      assert(records.length > 0, 'an append holds at least one record')
      let failure: Error | undefined
      try {
        if (broken) throw broken
        appending = await pool.connect()
        if (broken) throw broken
        const appended = await insert(appending, partition, records, notices === undefined)
        notices?.tell(partition)
        return appended
      } catch (cause) {
        failure = cause instanceof Error ? cause : new Error(String(cause))
        broken ??= failure
        throw cause instanceof LogError ? cause : appendUnknown('PostgreSQL', partition, cause)
      } finally {
        appending?.release(failure)
        appending = undefined
      }
    },
    close: async () => {
      broken ??= new Error('the appender is closed')
      // What it waits for is not waited for any more.
      await appending?.end().catch(() => undefined)
    },
  }
}

/**
 * All values travel as one bytea and are cut apart by their lengths: pg sends a single buffer in binary, and an array
 * of them as hexadecimal text of twice the size. The time is read once the counter is locked, so that appends of one
 * partition have times in the order of their offsets.
 */
const insertRecords = `
  with counter as (
    update event_log.partitions set next_offset = next_offset + cardinality($2::text[])
    where partition = $1 returning next_offset - cardinality($2::text[]) as base
  ), cut as (
    select ordinal, key, length, 1 + sum(length) over (order by ordinal) - length as start
    from unnest($2::text[], $3::int[]) with ordinality as record (key, length, ordinal)
  ), inserted as (
    insert into event_log.records (partition, "offset", key, value)
    select $1, base + ordinal - 1, key, substring($4::bytea from start::int for length) from counter, cut
  )
  select base::text, floor(extract(epoch from clock_timestamp()) * 1000)::float8 as "storeMs",
    (select encode(sha256(value), 'hex') from event_log.records where partition = $1 and "offset" = base - 1) as behind`
const append = { name: 'append apart', text: `${insertRecords} from counter` }
const appendAndTell = { name: 'append', text: `${insertRecords}, pg_notify('event_log', $1::text) from counter` }

async function insert(
  client: ClientBase,
  partition: number,
  records: readonly NewRecord[],
  tells: boolean,
): Promise<Appended> {
  const keys = records.map((record) => record.key)
  const lengths = records.map((record) => record.value.byteLength)
  const values = Buffer.concat(records.map((record) => record.value))
  const { rows } = await client.query<{ base: string; storeMs: number; behind: string | null }>({
    ...(tells ? appendAndTell : append),
    values: [partition, keys, lengths, values],
  })
  if (rows[0] === undefined) throw missingPartition(partition)
  const offset = BigInt(rows[0].base)
  const { storeMs, behind } = rows[0]
  if (behind !== null || offset === 0n) return { offset, storeMs, behind: behind ?? undefined }
  return { offset, storeMs, behind: await digestAt(client, partition, offset - 1n) }
}

/**
 * The statement that appends does not see the record before its own where another appender wrote that after it had
 * begun; a statement that begins later does, or the record was lost.
 */
async function digestAt(client: ClientBase, partition: number, offset: bigint): Promise<string | undefined> {
  const { rows } = await client.query<{ digest: string }>(
    `select encode(sha256(value), 'hex') as digest from event_log.records where partition = $1 and "offset" = $2`,
    [partition, offset],
  )
  if (!rows[0]) throw missing(partition, offset)
  return rows[0].digest
}
