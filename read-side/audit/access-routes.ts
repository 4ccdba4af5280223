import type { Http } from '@micropay/runtime/http'
import { ProblemError } from '@micropay/runtime/problem-error'
import { isOver } from '@micropay/runtime/when-over'
import { type AuditAccess, AuditAccessPage } from '@micropay/schemas/api/audit'
import { soughtLabel } from '@micropay/schemas/text'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { EXAMINED_ROWS } from '../answer/conditions.ts'
import { pageQuery, searchPageOf } from '../answer/page.ts'
import { type CsvFile, checkWhole, format, MAX_CSV_ROWS, sendCsv } from '../answer/send-csv.ts'
import type { AuditRoutes } from './audit-routes.ts'

/**
 * GET /v1/audit/accesses: who audited what, newest first, this request too but where a text is looked for; all that the
 * search finds as CSV with `format=csv`.
 */
export function addAccessRoutes(app: Http, { accesses, cursors, guard, notedAs }: AuditRoutes): void {
  app.get(
    '/v1/audit/accesses',
    { ...guard, schema: { querystring: AccessQuery, response: { 200: AuditAccessPage } } },
    async (request, reply) => {
      const { limit, cursor, format: wanted, ...filter } = request.query
      const { tenant } = request.caller
      const sought = { ...filter, own: notedAs(request as FastifyRequest) }
      const read = async (before: string | undefined, most: number) =>
        searchPageOf(await accesses.search(tenant, sought, before, most + 1), most, ({ id }: AuditAccess) => id)
      if (wanted === 'csv') {
        const rows = await readAll(reply, (before) => read(before, FETCHED_ROWS))
        return rows ? sendCsv(reply, accessesFile, [rows]) : reply.hijack()
      }
      const list = ['audit accesses', tenant, filter]
      const page = await read(cursors.open(list, cursor)?.[0], limit)
      return { items: [...page.rows], next: page.next === undefined ? null : cursors.seal(list, [page.next]) }
    },
  )
}

type Page = { readonly rows: readonly AuditAccess[]; readonly next: string | undefined }

/** All that a search finds, since one that finds too much is to say so; undefined when nobody takes it any more. */
async function readAll(reply: FastifyReply, read: (before: string | undefined) => Promise<Page>) {
  const rows: AuditAccess[] = []
  let next: string | undefined
  for (let pages = 0; pages === 0 || next !== undefined; pages += 1) {
    if (isOver(reply)) return undefined
    if (pages === MOST_CSV_PAGES) throw new ProblemError('invalid_request', tooFar)
    const page = await read(next)
    rows.push(...page.rows)
    next = page.next
    checkWhole(rows.length <= MAX_CSV_ROWS, MAX_CSV_ROWS, 'rows: narrow it by subject, account or text')
  }
  return rows
}

const FETCHED_ROWS = 5_000
/** Each is a query that looks at EXAMINED_ROWS at most, where it searches. */
const MOST_CSV_PAGES = 100
const examined = MOST_CSV_PAGES * EXAMINED_ROWS
const tooFar = `the newest ${examined} uses were looked at, and there are more: ask for pages, without format=csv`
const AccessQuery = z.strictObject({
  subject: soughtLabel(100)
    .optional()
    .meta({ description: 'Who: the whole subject.', examples: ['auditor:vera'] }),
  account: soughtLabel(64)
    .optional()
    .meta({ description: 'Whose history was asked for: the whole account id.', examples: ['ada:main'] }),
  text: soughtLabel(100).optional().meta({ description: 'A part of what was asked, whatever its case.' }),
  format,
  ...pageQuery,
})

const accessesFile: CsvFile<AuditAccess> = {
  name: 'audit-accesses',
  columns: {
    at: ({ at }) => at,
    subject: ({ subject }) => subject,
    client: ({ client }) => client,
    request: ({ request }) => request,
  },
}
