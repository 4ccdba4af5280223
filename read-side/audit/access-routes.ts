import { type Http, ProblemError } from '@micropay/deploy/runtime/http'
import { type AuditAccess, AuditAccessPage } from '@micropay/schemas/audit'
import { label } from '@micropay/schemas/text'
import { z } from 'zod'
import { pageQuery, searchPageOf } from '../accounts/page.ts'
import { MAX_CSV_ROWS, sendRows } from '../reconciliation/send-rows.ts'
import { searchAccesses } from './access-log.ts'
import type { AuditRoutes } from './build-audit-app.ts'

/** GET /v1/audit/accesses: who audited what, newest first, this request too; all that the search finds as CSV with `format=csv`. */
export function addAccessRoutes(app: Http, { pool, cursors, preHandler }: AuditRoutes): void {
  app.get(
    '/v1/audit/accesses',
    { preHandler, schema: { querystring: AccessQuery, response: { 200: AuditAccessPage } } },
    async (request, reply) => {
      const { limit, cursor, format, ...filter } = request.query
      const { tenant } = request.caller
      const read = async (before: string | undefined, most: number) =>
        searchPageOf(await searchAccesses(pool, tenant, filter, before, most + 1), most, ({ id }: AuditAccess) => id)
      if (format === 'csv') {
        const rows: AuditAccess[] = []
        for (let next: string | undefined, first = true; first || next !== undefined; first = false) {
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
