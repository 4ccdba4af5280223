import { type Http, ProblemError } from '@micropay/runtime/http'
import { isOver } from '@micropay/runtime/when-over'
import { type AuditAccess, AuditAccessPage } from '@micropay/schemas/api/audit'
import { label } from '@micropay/schemas/text'
import { z } from 'zod'
import { EXAMINED_ROWS } from '../answer/conditions.ts'
import { pageQuery, searchPageOf } from '../answer/page.ts'
import { MAX_CSV_ROWS, sendRows } from '../answer/send-rows.ts'
import type { AuditRoutes } from './audit-routes.ts'

/** GET /v1/audit/accesses: who audited what, newest first, this request too; all that the search finds as CSV with `format=csv`. */
export function addAccessRoutes(app: Http, { accesses, cursors, preHandler }: AuditRoutes): void {
  app.get(
    '/v1/audit/accesses',
    { preHandler, schema: { querystring: AccessQuery, response: { 200: AuditAccessPage } } },
    async (request, reply) => {
      const { limit, cursor, format, ...filter } = request.query
      const { tenant } = request.caller
      const read = async (before: string | undefined, most: number) =>
        searchPageOf(await accesses.search(tenant, filter, before, most + 1), most, ({ id }: AuditAccess) => id)
      if (format === 'csv') {
        const rows: AuditAccess[] = []
        let next: string | undefined
        for (let pages = 0; pages === 0 || next !== undefined; pages += 1) {
          if (isOver(reply)) return reply.hijack()
          if (pages === MOST_CSV_PAGES) throw new ProblemError('invalid_request', tooFar)
          const page = await read(next, CSV_PAGE_ROWS)
          rows.push(...page.rows)
          next = page.next
          if (rows.length > MAX_CSV_ROWS) throw new ProblemError('invalid_request', tooMany)
        }
        return sendRows(reply, 'audit-accesses', columns, rows.map(cellsOf))
      }
      const list = ['audit accesses', tenant, filter]
      const page = await read(cursors.open(list, cursor)?.[0], limit)
      return { items: [...page.rows], next: page.next === undefined ? null : cursors.seal(list, [page.next]) }
    },
  )
}

const CSV_PAGE_ROWS = 5_000
/** Each is a query that looks at EXAMINED_ROWS at most, where it searches. */
export const MOST_CSV_PAGES = 100
const tooFar = `the newest ${MOST_CSV_PAGES * EXAMINED_ROWS} uses were looked at, and there are more: ask for pages, without format=csv`
const tooMany = `that is more than ${MAX_CSV_ROWS} rows: narrow it by subject or text`
const AccessQuery = z.strictObject({
  subject: label(100)
    .optional()
    .meta({ description: 'Who: the whole subject.', examples: ['auditor:vera'] }),
  text: label(100).optional().meta({ description: 'A part of what was asked, whatever its case.' }),
  format: z.enum(['json', 'csv']).default('json'),
  ...pageQuery,
})

const columns = ['at', 'subject', 'client', 'request']

function cellsOf({ at, subject, client, request }: AuditAccess): string[] {
  return [at, subject, client, request]
}
