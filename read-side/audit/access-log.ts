import type { AuditAccess } from '@micropay/schemas/audit'
import type { Caller } from '@micropay/schemas/token'
import type { Pool } from 'pg'

/** Who used the audit, in a table that refuses to forget: rows are added, and never changed or deleted, by any statement of the service. */
export async function prepareAccessLog(pool: Pool): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query(`select pg_advisory_xact_lock(hashtextextended('audit access', 0))`)
    await client.query(tables)
    await client.query('commit')
    client.release()
  } catch (error) {
    client.release(true)
    throw error
  }
}

const tables = `
  create schema if not exists audit;
  create table if not exists audit.access (
    id int8 generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    tenant text not null,
    subject text not null,
    client text not null,
    request text not null
  );
  create or replace function audit.refuse() returns trigger language plpgsql as $$
    begin raise exception 'the access log is append-only'; end $$;
  create or replace trigger access_append_only before update or delete or truncate on audit.access
    for each statement execute function audit.refuse();`

/** Durable before it answers, so that nothing is told of which no trace stays. */
export async function noteAccess(pool: Pool, caller: Caller, request: string): Promise<void> {
  await pool.query({
    name: 'note-access',
    text: 'insert into audit.access (tenant, subject, client, request) values ($1, $2, $3, $4)',
    values: [caller.tenant, caller.subject, caller.client, request.slice(0, MOST_CHARACTERS)],
  })
}

const MOST_CHARACTERS = 2_000

type AccessRow = { id: string; at: Date; subject: string; client: string; request: string }

/** Newest first, before the id that the last page ended with. */
export async function listAccesses(
  pool: Pool,
  tenant: string,
  before: string | undefined,
  limit: number,
): Promise<AuditAccess[]> {
  const found = await pool.query<AccessRow>(
    `select id::text, at, subject, client, request from audit.access
     where tenant = $1 and ($2::int8 is null or id < $2) order by id desc limit $3`,
    [tenant, before ?? null, limit],
  )
  return found.rows.map((row) => ({ ...row, at: row.at.toISOString() }))
}
