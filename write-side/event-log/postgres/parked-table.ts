import { tellWhoMayMake } from '@micropay/runtime/may-not-make'
import type { ClientBase } from 'pg'
import {
  keptReason,
  keyOf,
  MOST_LISTED,
  MOST_PARKED,
  type NewlyParked,
  type Parked,
  type ParkedCount,
  type ParkedKey,
  parkedId,
} from '../parked.ts'

/** Makes the tables, once, in the schema of the connection, as that of the leases; within a transaction. */
export async function prepareParkedTables(client: ClientBase): Promise<void> {
  const found = await client.query<{ made: boolean }>(`select to_regclass('parked_more') is not null as made`)
  if (found.rows[0]?.made) return
  await client.query(createTables).catch(tellWhoMayMake)
}

const createTables = `
  set local lock_timeout = '2s';
  select pg_advisory_xact_lock(hashtextextended('micropay parked tables', 0));
  create table if not exists parked_message (
    partition int, digest text, value bytea not null, reason text not null, count int8 not null,
    first_at timestamptz not null, last_at timestamptz not null, primary key (partition, digest)
  );
  create table if not exists parked_more (partition int primary key, more int8 not null)`

/** Takes the partition's turn first: how many are kept is true until this transaction ends. */
export async function insertParked(client: ClientBase, message: NewlyParked): Promise<void> {
  const { partition, value, reason, at } = message
  await client.query(`select pg_advisory_xact_lock(hashtextextended('micropay parked ' || $1::int, 0))`, [partition])
  await client.query(
    `with kept as (
       insert into parked_message as before (partition, digest, value, reason, count, first_at, last_at)
       select $1, $2, $3, $4, 1, at, at from (values (to_timestamp($5::float8 / 1000))) as stamp (at)
       where exists (select from parked_message where partition = $1 and digest = $2)
         or (select count(*) from parked_message where partition = $1) < ${MOST_PARKED}
       on conflict (partition, digest) do update set reason = excluded.reason, count = before.count + 1,
         first_at = least(before.first_at, excluded.first_at), last_at = greatest(before.last_at, excluded.last_at)
       returning 1
     )
     insert into parked_more as before (partition, more) select $1, 1 where not exists (select from kept)
     on conflict (partition) do update set more = before.more + 1`,
    [partition, keyOf(message).digest, value, keptReason(reason), at],
  )
}

export async function deleteParked(client: ClientBase, { partition, digest }: ParkedKey): Promise<Parked | undefined> {
  await client.query(`select pg_advisory_xact_lock(hashtextextended('micropay parked ' || $1::int, 0))`, [partition])
  const { rows } = await client.query<ParkedRow>(
    `delete from parked_message where partition = $1 and digest = $2 returning ${columns}`,
    [partition, digest],
  )
  await client.query(
    `delete from parked_more where partition = $1 and not exists (select from parked_message where partition = $1)`,
    [partition],
  )
  return rows.map(parkedOf)[0]
}

export async function listParked(client: ClientBase, partition: number | undefined): Promise<Parked[]> {
  const { rows } = await client.query<ParkedRow>(
    `select ${columns} from parked_message where $1::int is null or partition = $1
     order by last_at desc limit ${MOST_LISTED}`,
    [partition ?? null],
  )
  return rows.map(parkedOf)
}

export async function countParked(client: ClientBase): Promise<ParkedCount[]> {
  const { rows } = await client.query<ParkedCount>(
    `select partition, count(*)::int as kept, coalesce(max(more), 0)::float8 as more
     from parked_message left join parked_more using (partition) group by partition order by partition`,
  )
  return rows
}

type ParkedRow = Omit<Parked, 'id'> & ParkedKey

const columns = `partition, digest, value, reason, count::float8 as count,
  floor(extract(epoch from first_at) * 1000)::float8 as "firstAt",
  floor(extract(epoch from last_at) * 1000)::float8 as "lastAt"`

function parkedOf({ digest, ...row }: ParkedRow): Parked {
  return { id: parkedId({ partition: row.partition, digest }), ...row }
}
