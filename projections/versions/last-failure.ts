import type { LastFailure } from '@micropay/schemas/api/projection'
import type { Pool, PoolClient } from 'pg'
import type { Projection, Queryable } from '../projection.ts'

/**
 * The last rebuild or rollback of each projection that failed: whoever asked for it sees its reason for as long as none
 * has succeeded since, whichever worker did it and however often that one was started again.
 */
export const failureTable = `
  create table if not exists projection.failure (
    service text not null,
    name text not null,
    at timestamptz not null,
    what text not null check (what in ('rebuild', 'rollback')),
    reason text not null,
    primary key (service, name)
  );`

/** Keeps why a rebuild or rollback failed, in place of the failure before it. */
export async function noteFailure(
  pool: Pool,
  { service, name }: Projection,
  what: LastFailure['what'],
  reason: string,
): Promise<void> {
  await pool.query(
    `insert into projection.failure (service, name, at, what, reason) values ($1, $2, clock_timestamp(), $3, $4)
     on conflict (service, name) do update set at = excluded.at, what = excluded.what, reason = excluded.reason`,
    [service, name, what, reason],
  )
}

/** In the transaction that makes a version live, whether it was built or gone back to. */
export async function forgetFailure(client: Queryable, schema: string): Promise<void> {
  await client.query(
    `delete from projection.failure as failure using projection.version as version
     where version.schema_name = $1 and failure.service = version.service and failure.name = version.name`,
    [schema],
  )
}

/**
 * What was being built, or gone back to, by a process that died: it could note nothing itself. One that failed and
 * could not be cleared away has noted more by then.
 */
export async function noteUnfinished(client: Queryable, { service, name }: Projection): Promise<void> {
  await client.query(
    `insert into projection.failure (service, name, at, what, reason)
     select service, name, clock_timestamp(), case when switched_at is null then 'rebuild' else 'rollback' end,
       'the worker ended before ' || schema_name || ' could take over'
     from projection.version where service = $1 and name = $2 and state = 'building'
     on conflict (service, name) do update set at = excluded.at, what = excluded.what, reason = excluded.reason
       where excluded.what = 'rollback' or failure.at < (select max(made_at) from projection.version
         where service = excluded.service and name = excluded.name and state = 'building')`,
    [service, name],
  )
}

export async function findFailure(
  pool: Pool | PoolClient,
  { service, name }: Projection,
): Promise<LastFailure | undefined> {
  const found = await pool.query<{ at: Date; what: LastFailure['what']; reason: string }>(
    'select at, what, reason from projection.failure where service = $1 and name = $2',
    [service, name],
  )
  const row = found.rows[0]
  return row && { ...row, at: row.at.toISOString() }
}

/** In words: `the rebuild of 2026-03-01T09:00:00.000Z failed: …`. */
export function failureText({ at, what, reason }: LastFailure): string {
  return `the ${what} of ${at} failed, and none has succeeded since: ${reason}`
}
