import assert from 'node:assert/strict'
import { type ClientBase, DatabaseError, type Pool } from 'pg'
import { tellWhoMayMake } from './may-not-make.ts'

/**
 * A lease is a row and a session lock. The row says whose it is until when; each tenure has a term of its own, which
 * never comes again, and whoever holds it has the advisory lock of that term for as long as its connection lives. So it
 * ends at once when its holder dies, and by time when its holder stands still.
 */
export type LeaseTable = {
  /** In the form that SQL takes it: empty, or a schema with a dot. */
  readonly prefix: string
}

/**
 * Makes the table, or brings an older one to this shape, once. Rows of older workers, which have no session lock, end
 * by time: `session_until` is not their `expires_at`.
 */
export async function prepareLeaseTable(client: ClientBase, table: LeaseTable): Promise<void> {
  if (await isLeaseTableMade(client, table)) return
  await client.query(`begin; ${statementsOfLeaseTable(table)} commit`).catch(tellWhoMayMake)
}

export async function isLeaseTableMade(client: ClientBase, { prefix }: LeaseTable): Promise<boolean> {
  const found = await client.query<{ made: boolean }>(
    `select exists (
       select from pg_attribute where attrelid = to_regclass($1) and attname = 'said' and not attisdropped
     ) as made`,
    [`${prefix}lease`],
  )
  return found.rows[0]?.made === true
}

/** What makes it, and changes nothing where it is made; within a transaction. */
export function statementsOfLeaseTable({ prefix }: LeaseTable): string {
  return `
    set local lock_timeout = '2s';
    select pg_advisory_xact_lock(hashtextextended('micropay lease table', 0));
    ${prefix === '' ? '' : `create schema if not exists ${prefix.slice(0, -1)};`}
    create table if not exists ${prefix}lease (
      name text primary key, owner_id text not null, acquired_at timestamptz not null, expires_at timestamptz not null
    );
    alter table ${prefix}lease add column if not exists session_until timestamptz,
      add column if not exists term int8, add column if not exists tenant text, add column if not exists said text;
    create sequence if not exists ${prefix}lease_term;
    create table if not exists ${prefix}lease_notice (
      name text, owner_id text, text text not null, until timestamptz not null, primary key (name, owner_id)
    );`
}

/** What the row says of a lease, for one that asks for it. */
export type Seen = {
  /** Names this state of the row; undefined when there is none. */
  readonly version: string | undefined
  readonly isOurs: boolean
  readonly isFree: boolean
}

/**
 * `tenant` names who asks: not the worker, of which a second one may run by mistake, but this lease in this process. A
 * projection of before had a session lock by the lease's name, and no row.
 */
export async function lookAtLease(
  client: ClientBase,
  { prefix }: LeaseTable,
  name: string,
  tenant: string,
): Promise<Seen> {
  const { rows } = await client.query<{ version: string | null; ours: boolean; over: boolean; unlocked: boolean }>(
    `select lease.xmin::text as version, coalesce(tenant = $2, false) as ours,
       coalesce(
         expires_at < now() or session_until = expires_at and
           pg_try_advisory_xact_lock_shared(hashtextextended(name || ' ' || term, 0)),
         lease.xmin is null
       ) as over, unlocked
     from (select pg_try_advisory_xact_lock_shared(hashtextextended($1, 0)) as unlocked) as older
     left join ${prefix}lease as lease on name = $1`,
    [name, tenant],
  )
  const [row] = rows
  assert(row, 'a left join has its left row')
  return { version: row.version ?? undefined, isFree: row.ours || (row.over && row.unlocked), isOurs: row.ours }
}

export type Tenure = {
  readonly name: string
  readonly ownerId: string
  readonly tenant: string
  readonly ttlMs: number
}

/** On it whoever takes a lease, gives one back, or says something new of itself tells the lease's name. */
export const LEASE_CHANNEL = 'micropay_lease'

/** The new term, or undefined when somebody was faster. The session that asks holds it. */
export async function takeLease(
  client: ClientBase,
  { prefix }: LeaseTable,
  { name, ownerId, tenant, ttlMs }: Tenure,
  seen: Seen,
  said: string | undefined,
): Promise<string | undefined> {
  const { rows } = await client.query<{ term: string }>(
    `with next as materialized (select nextval('${prefix}lease_term') as term)
     select term::text, pg_try_advisory_lock(hashtextextended($1 || ' ' || term, 0)) from next`,
    [name],
  )
  const term = rows[0]?.term
  const taken = await client
    .query(
      `with taken as (
         insert into ${prefix}lease as lease
           (name, owner_id, acquired_at, expires_at, session_until, term, tenant, said)
         select $1, $2, now(), until, until, $4, $5, $7 from (values (now() + $3 * interval '1 ms')) as tenure (until)
         on conflict (name) do update set owner_id = $2, term = $4, tenant = $5, said = $7,
           expires_at = excluded.expires_at, session_until = excluded.session_until,
           acquired_at = case when lease.tenant = $5 then lease.acquired_at else now() end
         where lease.xmin::text = $6
         returning name
       )
       select pg_notify($8, name) from taken`,
      [name, ownerId, ttlMs, term, tenant, seen.version ?? null, said ?? null, LEASE_CHANNEL],
    )
    .catch(async (error: unknown) => {
      if (term !== undefined) await unlock(client, name, term).catch(() => undefined)
      throw error
    })
  if (taken.rowCount === 1) return term
  if (term !== undefined) await unlock(client, name, term)
  return undefined
}

/** What a holder says of itself; whether others have yet to be told that it says that. */
export type Said = { readonly text: string | undefined; readonly isNew: boolean }

/** False when another one has it. */
export async function renewLease(
  client: ClientBase,
  { prefix }: LeaseTable,
  { name, ttlMs }: Tenure,
  term: string,
  said: Said,
): Promise<boolean> {
  const renewed = await client.query(
    `with renewed as (
       update ${prefix}lease set expires_at = until, session_until = until, said = $4
       from (values (now() + $3 * interval '1 ms')) as tenure (until) where name = $1 and term = $2
       returning name
     )
     select case when $5 then pg_notify($6, name) end from renewed`,
    [name, term, ttlMs, said.text ?? null, said.isNew, LEASE_CHANNEL],
  )
  return renewed.rowCount === 1
}

/**
 * The row stays, since its term must not come again; the session goes on, so the lock of the term is let go here, and
 * first: others may have the lease by that alone.
 */
export async function giveLeaseBack(
  client: ClientBase,
  { prefix }: LeaseTable,
  { name, tenant }: Tenure,
  term: string,
): Promise<void> {
  await unlock(client, name, term)
  await client.query(
    `with given as (
       update ${prefix}lease set expires_at = '-infinity', session_until = null, tenant = null
       where name = $1 and tenant = $2 and term = $3 returning name
     )
     select pg_notify($4, name) from given`,
    [name, tenant, term, LEASE_CHANNEL],
  )
}

async function unlock(client: ClientBase, name: string, term: string): Promise<void> {
  await client.query(`select pg_advisory_unlock(hashtextextended($1 || ' ' || $2, 0))`, [name, term])
}

export type LeaseHolder = {
  readonly name: string
  readonly ownerId: string
  readonly acquiredAt: Date
  /** In the past when nobody renewed it: whoever asks next has it. */
  readonly expiresAt: Date
}

export async function leaseHolders(
  pool: Pool,
  { prefix }: LeaseTable,
  names: readonly string[],
): Promise<LeaseHolder[]> {
  const { rows } = await pool.query<{ name: string; owner_id: string; acquired_at: Date; expires_at: Date }>(
    `select name, owner_id, acquired_at, expires_at from ${prefix}lease
     where name = any($1) and expires_at > '-infinity'`,
    [names],
  )
  return rows.map((row) => ({
    ...{ name: row.name, ownerId: row.owner_id, acquiredAt: row.acquired_at, expiresAt: row.expires_at },
  }))
}

export type HeldLease = {
  readonly name: string
  readonly ownerId: string
  readonly said: string | undefined
}

/** The leases that somebody has now, whose names begin like this: all of one moment. */
export async function heldLeases(pool: Pool, { prefix }: LeaseTable, begin: string): Promise<HeldLease[]> {
  const { rows } = await pool
    .query<{ name: string; owner_id: string; said: string | null }>(
      `select name, owner_id, said from ${prefix}lease
       where starts_with(name, $1) and case when expires_at <= now() then false
         when session_until = expires_at
           then not pg_try_advisory_xact_lock_shared(hashtextextended(name || ' ' || term, 0))
         else true end`,
      [begin],
    )
    .catch((error: unknown) => {
      if (error instanceof DatabaseError && notMade.has(error.code ?? '')) return { rows: [] }
      throw error
    })
  return rows.map((row) => ({ name: row.name, ownerId: row.owner_id, said: row.said ?? undefined }))
}

/** Whoever asks for the first lease makes the table: SQLSTATE undefined_table, undefined_column. */
const notMade = new Set(['42P01', '42703'])

/** Forgets leases that nobody has had for a day. */
export async function forgetLeases(pool: Pool, { prefix }: LeaseTable, begin: string): Promise<void> {
  await pool.query(
    `delete from ${prefix}lease where starts_with(name, $1)
     and greatest(acquired_at, expires_at) < now() - interval '1 day'`,
    [begin],
  )
}
