import { tellWhoMayMake } from '@micropay/runtime/may-not-make'
import type { ClientBase, Pool } from 'pg'
import type { InboxMessage } from '../inbox.ts'

/**
 * Messages for all partitions, for some minutes. The table is not logged: a message costs the database no WAL, and a
 * server that crashes loses them, which an inbox may. Ids rise in the order in which messages can be seen, since
 * whoever sends holds a lock meanwhile: who has read up to one has missed none.
 */
export async function prepareInboxTable(client: ClientBase): Promise<void> {
  // Two that find nothing at once would both create it.
  await client.query(`select pg_advisory_xact_lock(hashtext('micropay.event_log'))`)
  const there = await client.query(`select where to_regclass('event_log.inbox_partition') is not null`)
  if (there.rowCount === 0) await client.query(createTable).catch(tellWhoMayMake)
}

const createTable = `
  create schema if not exists event_log;
  create unlogged table if not exists event_log.inbox (
    id bigint generated always as identity primary key,
    partition int not null,
    at timestamptz not null default clock_timestamp(),
    value bytea not null
  ) with (autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_cost_delay = 0);
  create index if not exists inbox_partition on event_log.inbox (partition, id)`

export const INBOX_CHANNEL = 'event_log_inbox'

/** The values travel as one bytea, as those of an append do. */
const insertMessages = `
  with alone as materialized (
    select pg_advisory_xact_lock(hashtext('micropay.event_log.inbox'))
  ), cut as (
    select ordinal, partition, length, 1 + sum(length) over (order by ordinal) - length as start
    from unnest($1::int[], $2::int[]) with ordinality as message (partition, length, ordinal)
  ), inserted as (
    insert into event_log.inbox (partition, value)
    select partition, substring($3::bytea from start::int for length) from alone, cut order by ordinal
  )
  select pg_notify('${INBOX_CHANNEL}', $4)`

export async function insertInto(pool: Pool, messages: readonly InboxMessage[]): Promise<void> {
  const partitions = messages.map(({ partition }) => partition)
  const lengths = messages.map(({ value }) => value.byteLength)
  const values = Buffer.concat(messages.map(({ value }) => value))
  const payload = payloadOf(partitions)
  await pool.query({ name: 'send', text: insertMessages, values: [partitions, lengths, values, payload] })
}

/** PostgreSQL takes less than 8,000 bytes. */
const MOST_PAYLOAD = 7_999

/** Which partitions got something; nothing where they are too many to be named. */
function payloadOf(partitions: readonly number[]): string {
  const payload = [...new Set(partitions)].join()
  return payload.length > MOST_PAYLOAD ? '' : payload
}

/** Undefined for all. */
export function partitionsIn(payload: string | undefined): number[] | undefined {
  return payload ? payload.split(',').map(Number) : undefined
}

/** For each partition the id behind which stands what came within so long. */
export async function startsOf(
  client: ClientBase,
  partitions: readonly number[],
  withinMs: number,
): Promise<{ partition: number; after: string }[]> {
  const { rows } = await client.query<{ partition: number; after: string }>(
    `select partition, coalesce(older.id, 0)::text as after from unnest($1::int[]) as wanted (partition)
     left join lateral (
       select id from event_log.inbox as message
       where message.partition = wanted.partition and at < clock_timestamp() - $2 * interval '1 ms'
       order by id desc limit 1
     ) as older on true`,
    [partitions, withinMs],
  )
  return rows
}

export type Arrived = { readonly partition: number; readonly id: string; readonly value: Uint8Array }

/** So many messages are read at a time, and of one partition: what one got does not keep the others waiting. */
export const MOST_AT_ONCE = 256
export const MOST_OF_ONE = 64

export async function readAfter(client: ClientBase, cursors: ReadonlyMap<number, string>): Promise<Arrived[]> {
  const { rows } = await client.query<Arrived>({
    name: 'arrived',
    text: `
      select wanted.partition, message.id::text, message.value
      from unnest($1::int[], $2::bigint[]) as wanted (partition, after)
      cross join lateral (
        select id, value from event_log.inbox
        where partition = wanted.partition and id > after order by id limit ${MOST_OF_ONE}
      ) as message limit ${MOST_AT_ONCE}`,
    values: [[...cursors.keys()], [...cursors.values()]],
  })
  return rows
}

/** How long messages are kept. Whoever waits for an answer asks again well before. */
export const KEPT_MS = 180_000
export const MOST_DELETED = 1_000

/**
 * Deletes some of the messages that are kept no longer, from an id on: what was deleted before it is not looked through
 * again. Answers where to go on, and how many there were; none where somebody else deletes just then.
 */
export async function deleteSome(pool: Pool, from: string, keptMs: number): Promise<{ next: string; deleted: number }> {
  const { rows } = await pool.query<{ next: string; deleted: number }>(
    `with turn as materialized (
       select pg_try_advisory_xact_lock(hashtext('micropay.event_log.inbox.delete')) as mine
     ), old as materialized (
       select id from event_log.inbox, turn
       where mine and id >= $1 and at < clock_timestamp() - $2 * interval '1 ms' order by id limit ${MOST_DELETED}
     ), gone as (
       delete from event_log.inbox where id in (select id from old)
     )
     select coalesce(max(id) + 1, $1::bigint)::text as next, count(*)::int as deleted from old`,
    [from, keptMs],
  )
  return rows[0] ?? { next: from, deleted: 0 }
}
