import type { AuditAccess } from '@micropay/schemas/api/audit'
import type { Caller } from '@micropay/schemas/api/token'
import type { Pool } from 'pg'
import { EXAMINED_ROWS, type Found } from '../answer/conditions.ts'

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
  create index if not exists access_of_tenant on audit.access (tenant, id);
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

/** Who and what to look for: the subject as it is, and a part of the request whatever its case. */
export type AccessFilter = { readonly subject?: string | undefined; readonly text?: string | undefined }

/** Newest first, before the id that the last page ended with. A tenant's order has an index and its texts have none, so a search looks at so many rows a page at most. */
export async function searchAccesses(
  pool: Pool,
  tenant: string,
  { subject, text }: AccessFilter,
  before: string | undefined,
  limit: number,
): Promise<Found<AuditAccess, string>> {
  const candidates = `(select * from audit.access where tenant = $1 and ($2::int8 is null or id < $2)
    order by id desc limit $3 offset $4) as access`
  const filtered = subject !== undefined || text !== undefined
  const found = await pool.query<AccessRow>(
    `select id::text, at, subject, client, request from ${candidates}
     where ($5::text is null or subject = $5) and ($6::text is null or strpos(lower(request), lower($6)) > 0)
     order by access.id desc limit $7`,
    [tenant, before ?? null, filtered ? EXAMINED_ROWS : limit, 0, subject ?? null, text ?? null, limit],
  )
  const rows = found.rows.map((row) => ({ ...row, at: row.at.toISOString() }))
  if (rows.length >= limit || !filtered) return { rows, examinedTo: undefined }
  const last = await pool.query<{ id: string }>(`select id::text from ${candidates}`, [
    ...[tenant, before ?? null, 1, EXAMINED_ROWS - 1],
  ])
  return { rows, examinedTo: last.rows[0]?.id }
}
