import { tellWhoMayMake } from '@micropay/runtime/may-not-make'
import { inTransaction } from '@micropay/runtime/transaction'
import { type ClientBase, DatabaseError, type Pool } from 'pg'
import { LogError } from '../event-log.ts'

/**
 * Creates the tables for that many partitions, or checks that they hold as many; throws LogError `log_mismatch` if not.
 *
 * A partition's counter row is moved in the statement that inserts its records, so its lock makes the order of commits
 * the order of offsets, and a rolled-back append leaves no gap (a sequence would promise neither).
 */
export async function preparePartitions(pool: Pool, partitions: number): Promise<void> {
  await inTransaction(pool, async (client) => {
    await makeLogTables(client)
    const present = await countPartitions(client)
    if (present === undefined) {
      await client.query('insert into event_log.partitions (partition) select generate_series(0, $1::int - 1)', [
        partitions,
      ])
    } else if (present !== partitions) {
      throw new LogError(
        'log_mismatch',
        `the event log in PostgreSQL has ${present} partitions, not ${partitions}: a ledger keeps its number`,
      )
    }
  })
}

/** Makes the tables of the log, once; within a transaction. */
export async function makeLogTables(client: ClientBase): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(hashtext('micropay.event_log'))`)
  const there = await client.query(`select where to_regclass('event_log.records') is not null`)
  if (there.rowCount === 0) await client.query(createTables).catch(tellWhoMayMake)
}

const createTables = `
  create schema if not exists event_log;
  create table if not exists event_log.partitions (
    partition int primary key,
    next_offset bigint not null default 0 check (next_offset >= 0)
  );
  create table if not exists event_log.records (
    partition int not null references event_log.partitions (partition),
    "offset" bigint not null,
    key text not null,
    value bytea not null,
    primary key (partition, "offset")
  )`

/** How many there are; undefined where there are none, or no tables yet. */
export async function countPartitions(client: Pick<ClientBase, 'query'> | Pool): Promise<number | undefined> {
  // Asking for a table that is not there yet would stand in PostgreSQL's log as an error.
  const there = await client.query(`select where to_regclass('event_log.partitions') is not null`)
  if (there.rowCount === 0) return undefined
  const { rows } = await client.query<{ count: number }>('select count(*)::int as count from event_log.partitions')
  return rows[0]?.count || undefined
}

/** The offset behind the last record of each of these partitions that is there. */
export async function endsOf(
  client: Pick<ClientBase, 'query'> | Pool,
  partitions: readonly number[],
): Promise<ReadonlyMap<number, bigint>> {
  const { rows } = await client
    .query<{ partition: number; end: string }>({
      name: 'ends-of',
      text: `select partition, next_offset::text as end from event_log.partitions where partition = any($1::int[])`,
      values: [partitions],
    })
    .catch((error: unknown) => {
      if (isNotThere(error)) return { rows: [] }
      throw error
    })
  return new Map(rows.map(({ partition, end }) => [partition, BigInt(end)]))
}

/** The schema or the tables are not there. */
export function isNotThere(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === '42P01' || error.code === '3F000')
}

export function missingPartition(partition: number): LogError {
  return new LogError('log_mismatch', `the event log in PostgreSQL has no partition ${partition}: prepare it first`)
}
