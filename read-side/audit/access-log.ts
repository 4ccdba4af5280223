import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import type { AuditAccess } from '@micropay/schemas/api/audit'
import type { Caller } from '@micropay/schemas/api/token'
import { sql } from 'kysely'
import { all, EXAMINED_ROWS, type Found, holds } from '../answer/conditions.ts'
import { tellUnreachable } from '../position/await-position.ts'
import type { ReadModel } from '../position/open-database.ts'
import type { AuditTables } from './audit-tables.ts'

/**
 * Who used the audit, in a table that refuses to forget: rows are added, and never changed or deleted, by any statement
 * of the service. The table is made when the database can first be reached; until then `notReadyBecause` says so.
 */
export function openAccessLog({ model, clock, logger }: AccessLogDeps): AccessLog {
  const stop = new AbortController()
  let isMade = false
  const making = (async () => {
    for (let attempt = 0; !isMade && !stop.signal.aborted; attempt += 1) {
      try {
        await makeTable(model)
        isMade = true
      } catch (error) {
        if (attempt === 0) logger.warn({ err: error }, 'the access log could not be made')
        await clock.sleep(RETRY_MS, stop.signal)
      }
    }
  })()
  return {
    notReadyBecause: () => (isMade ? undefined : 'the access log is not made yet'),
    note: (caller, request) => noteAccess(model, caller, request).catch(tellUnreachable),
    search: (tenant, filter, before, limit) =>
      searchAccesses(model, tenant, filter, before, limit).catch(tellUnreachable),
    async close() {
      stop.abort()
      await making
    },
  }
}

type AccessLogDeps = { readonly model: ReadModel<AuditTables>; readonly clock: Clock; readonly logger: Logger }

export type AccessLog = {
  notReadyBecause(): string | undefined
  /** Durable before it answers, so that nothing is told of which no trace stays. */
  note(caller: Caller, request: string): Promise<void>
  /** Newest first, before the id that the last page ended with. */
  search(
    tenant: string,
    filter: AccessFilter,
    before: string | undefined,
    limit: number,
  ): Promise<Found<AuditAccess, string>>
  close(): Promise<void>
}

/** Who and what to look for: the subject as it is, and a part of the request whatever its case. */
export type AccessFilter = { readonly subject?: string | undefined; readonly text?: string | undefined }

const RETRY_MS = 200

async function makeTable(model: ReadModel<AuditTables>): Promise<void> {
  await model.transaction().execute(async (transaction) => {
    for (const statement of statements) await sql.raw(statement).execute(transaction)
  })
}

const statements = [
  `select pg_advisory_xact_lock(hashtextextended('audit access', 0))`,
  'create schema if not exists audit',
  `create table if not exists audit.access (
    id int8 generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    tenant text not null,
    subject text not null,
    client text not null,
    request text not null
  )`,
  'create index if not exists access_of_tenant on audit.access (tenant, id)',
  `create or replace function audit.refuse() returns trigger language plpgsql as $$
    begin raise exception 'the access log is append-only'; end $$`,
  `create or replace trigger access_append_only before update or delete or truncate on audit.access
    for each statement execute function audit.refuse()`,
]

async function noteAccess(model: ReadModel<AuditTables>, caller: Caller, request: string): Promise<void> {
  const { tenant, subject, client } = caller
  const row = { tenant, subject, client, request: request.slice(0, MOST_CHARACTERS) }
  await model.insertInto('audit.access').values(row).execute()
}

const MOST_CHARACTERS = 2_000

type AccessRow = { id: string; at: Date; subject: string; client: string; request: string }

/** A tenant's order has an index and its texts have none, so a search looks at so many rows a page at most. */
async function searchAccesses(
  model: ReadModel<AuditTables>,
  tenant: string,
  { subject, text }: AccessFilter,
  before: string | undefined,
  limit: number,
): Promise<Found<AuditAccess, string>> {
  const within = all([sql`tenant = ${tenant}`, before === undefined ? undefined : sql`id < ${before}::int8`])
  const candidates = (most: number, skip = 0) =>
    sql`(select * from audit.access where ${within} order by id desc limit ${most} offset ${skip}) as access`
  const filtered = subject !== undefined || text !== undefined
  const wanted = all([
    subject === undefined ? undefined : sql`subject = ${subject}`,
    text === undefined ? undefined : holds(sql`request`, text),
  ])
  const found = await sql<AccessRow>`
    select id::text, at, subject, client, request from ${candidates(filtered ? EXAMINED_ROWS : limit)}
    where ${wanted} order by access.id desc limit ${limit}`.execute(model)
  const rows = found.rows.map((row) => ({ ...row, at: row.at.toISOString() }))
  if (rows.length >= limit || !filtered) return { rows, examinedTo: undefined }
  const last = await sql<{ id: string }>`select id::text from ${candidates(1, EXAMINED_ROWS - 1)}`.execute(model)
  return { rows, examinedTo: last.rows[0]?.id }
}
