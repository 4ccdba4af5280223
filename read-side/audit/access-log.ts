import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { type Beside, longStatement } from '@micropay/runtime/long-statement'
import type { AuditAccess } from '@micropay/schemas/api/audit'
import type { Caller } from '@micropay/schemas/api/token'
import { sql } from 'kysely'
import type { Client } from 'pg'
import { all, EXAMINED_ROWS, type Found, holds } from '../answer/conditions.ts'
import { type Reader, tellUnreachable } from '../position/await-position.ts'
import type { ReadModel } from '../position/open-database.ts'
import { statementsOfAccessTable } from './access-table.ts'
import type { AuditTables } from './audit-tables.ts'
import { isMadeByOwner } from './own-tables.ts'

/**
 * Who used the audit, in a table that refuses to forget: rows are added, and never changed or deleted, by any statement
 * of the service. The table is made when the database can first be reached; until then `notReadyBecause` says so.
 */
export function openAccessLog({ model, connection, clock, logger }: AccessLogDeps): AccessLog {
  const stop = new AbortController()
  let isMade = false
  const making = (async () => {
    for (let attempt = 0; !isMade && !stop.signal.aborted; attempt += 1) {
      try {
        await makeTable(connection, clock, stop.signal)
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

type AccessLogDeps = Pick<Reader<AuditTables>, 'model' | 'connection' | 'clock'> & { readonly logger: Logger }

export type AccessLog = {
  notReadyBecause(): string | undefined
  /** Durable before it answers, so that nothing is told of which no trace stays. */
  note(caller: Caller, request: string): Promise<string>
  /**
   * Newest first, before the id that the last page ended with. `own` is the id of the request that searches: it holds
   * the text that it looks for, and is found by no text.
   */
  search(
    tenant: string,
    filter: AccessFilter & { readonly own?: string | undefined },
    before: string | undefined,
    limit: number,
  ): Promise<Found<AuditAccess, string>>
  close(): Promise<void>
}

/** Who and what to look for: a subject and an account as they are, and a part of what was asked whatever its case. */
export type AccessFilter = {
  readonly subject?: string | undefined
  readonly account?: string | undefined
  readonly text?: string | undefined
}

const RETRY_MS = 200

type Connect = Reader<AuditTables>['connection']

/** A table with many rows is rewritten once, which may take long. */
async function makeTable(connect: Connect, clock: Clock, signal: AbortSignal): Promise<void> {
  await onConnection(connect, async (client) => {
    const end = () => void client.end()
    signal.addEventListener('abort', end)
    const beside: Beside = (asked) => onConnection(connect, (other) => other.query(asked))
    try {
      if (await isMadeByOwner(async (text) => (await client.query(text)).rows)) return
      await client.query('begin')
      for (const statement of statementsOfAccessTable()) await longStatement(client, statement, beside, clock)
      await client.query('commit')
    } finally {
      signal.removeEventListener('abort', end)
    }
  })
}

async function onConnection<Result>(connect: Connect, work: (client: Client) => Promise<Result>): Promise<Result> {
  const { client } = connect()
  try {
    await client.connect()
    return await work(client)
  } finally {
    await client.end()
  }
}

async function noteAccess(model: ReadModel<AuditTables>, caller: Caller, request: string): Promise<string> {
  const { tenant, subject, client } = caller
  const row = { tenant, subject, client, request: request.slice(0, MOST_CHARACTERS) }
  const noted = await sql<{ id: string }>`
    insert into audit.access (tenant, subject, client, request)
    values (${row.tenant}, ${row.subject}, ${row.client}, ${row.request}) returning id::text`.execute(model)
  const id = noted.rows[0]?.id
  if (id === undefined) throw new RangeError('a row that was inserted has an id')
  return id
}

const MOST_CHARACTERS = 2_000

type AccessRow = Omit<AuditAccess, 'at'> & { readonly at: Date }

/** A tenant's order has an index and its texts have none, so a search looks at so many rows a page at most. */
async function searchAccesses(
  model: ReadModel<AuditTables>,
  tenant: string,
  { subject, account, text, own }: AccessFilter & { readonly own?: string | undefined },
  before: string | undefined,
  limit: number,
): Promise<Found<AuditAccess, string>> {
  const within = all([sql`tenant = ${tenant}`, before === undefined ? undefined : sql`id < ${before}::int8`])
  const candidates = (most: number, skip = 0) =>
    sql`(select * from audit.access where ${within} order by id desc limit ${most} offset ${skip}) as access`
  const filtered = subject !== undefined || account !== undefined || text !== undefined
  const wanted = all([
    subject === undefined ? undefined : sql`subject = ${subject}`,
    account === undefined ? undefined : sql`account = ${account}`,
    text === undefined ? undefined : holdsAny(['asked', 'route', 'position'], text),
    text === undefined || own === undefined ? undefined : sql`id <> ${own}::int8`,
  ])
  const found = await sql<AccessRow>`
    select id::text, at, subject, client, asked as request, method, route, account, position, actor
    from ${candidates(filtered ? EXAMINED_ROWS : limit)}
    where ${wanted} order by access.id desc limit ${limit}`.execute(model)
  const rows = found.rows.map((row) => ({ ...row, at: row.at.toISOString() }))
  if (rows.length >= limit || !filtered) return { rows, examinedTo: undefined }
  const last = await sql<{ id: string }>`select id::text from ${candidates(1, EXAMINED_ROWS - 1)}`.execute(model)
  return { rows, examinedTo: last.rows[0]?.id }
}

/** What was asked holds the account and the actor; a place is written in two ways, of which it holds one. */
function holdsAny(columns: readonly string[], part: string) {
  return sql`(${sql.join(
    columns.map((column) => holds(sql`coalesce(${sql.ref(column)}, '')`, part)),
    sql` or `,
  )})`
}
