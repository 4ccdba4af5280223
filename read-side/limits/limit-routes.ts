import type { LimitsDatabase } from '@micropay/projections/limits/tables'
import type { Http } from '@micropay/runtime/http'
import { LimitPage } from '@micropay/schemas/api/limit'
import { z } from 'zod'
import type { Cursors } from '../answer/cursor.ts'
import { pageOf, pageQuery } from '../answer/page.ts'
import { type Reader, readAt } from '../position/await-position.ts'
import { listLimits } from './limit-queries.ts'

/** GET /v1/limits: of the caller's own accounts, or of all. */
export function addLimitRoutes(app: Http, reader: Reader<LimitsDatabase>, cursors: Cursors): void {
  const preHandler = app.allow('accounts:read', 'accounts:read:any')
  app.get(
    '/v1/limits',
    { preHandler, schema: { querystring: z.strictObject(pageQuery), response: { 200: LimitPage } } },
    async (request, reply) => {
      const { limit, cursor } = request.query
      const { tenant, subject, scopes } = request.caller
      const viewer = { tenant, owner: scopes.has('accounts:read:any') ? undefined : subject }
      const list = ['limits', viewer]
      const after = cursors.open(list, cursor)?.[0]
      const found = await readAt(reader, request, reply, ({ db }) => listLimits(db, viewer, after, limit + 1))
      return pageOf(found, limit, ({ accountId }) => cursors.seal(list, [accountId]))
    },
  )
}
