import type { Http } from '@micropay/deploy/runtime/http'
import { AuditAccessPage } from '@micropay/schemas/audit'
import { z } from 'zod'
import { pageOf, pageQuery } from '../accounts/page.ts'
import { listAccesses } from './access-log.ts'
import type { AuditRoutes } from './build-audit-app.ts'

/** GET /v1/audit/accesses: who audited what, newest first, this request too. */
export function addAccessRoutes(app: Http, { pool, cursors, preHandler }: AuditRoutes): void {
  app.get(
    '/v1/audit/accesses',
    { preHandler, schema: { querystring: AccessQuery, response: { 200: AuditAccessPage } } },
    async (request) => {
      const { limit, cursor } = request.query
      const { tenant } = request.caller
      const list = ['audit accesses', tenant]
      const found = await listAccesses(pool, tenant, cursors.open(list, cursor)?.[0], limit + 1)
      return pageOf(found, limit, ({ id }) => cursors.seal(list, [id]))
    },
  )
}

const AccessQuery = z.strictObject(pageQuery)
