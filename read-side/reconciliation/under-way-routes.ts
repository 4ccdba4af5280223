import type { ReconciliationTables } from '@micropay/projections/reconciliation/tables'
import type { Http } from '@micropay/runtime/http'
import { UnderWay } from '@micropay/schemas/api/reconciliation'
import { parsePosition } from '@micropay/schemas/position'
import { z } from 'zod'
import type { Cursors } from '../answer/cursor.ts'
import { pageOf, pageQuery } from '../answer/page.ts'
import { type Reader, readAt } from '../position/await-position.ts'
import { paymentsUnderWay, transitBalances, type UnderWayPlace } from './under-way.ts'

/** GET /v1/under-way: payments between partitions that are not done everywhere, and what is on its way. */
export function addUnderWayRoutes(app: Http, reader: Reader<ReconciliationTables>, cursors: Cursors): void {
  const onRequest = app.allow('reconciliation:read')
  app.get(
    '/v1/under-way',
    { onRequest, schema: { querystring: z.strictObject(pageQuery), response: { 200: UnderWay } } },
    async (request, reply) => {
      const { limit, cursor } = request.query
      const { tenant } = request.caller
      const list = ['under-way', tenant]
      const after = placeOf(cursors.open(list, cursor))
      const { found, ...told } = await readAt(reader, request, reply, async (snapshot) => ({
        ...(await paymentsUnderWay(snapshot, tenant, { after, limit: limit + 1 })),
        transit: await transitBalances(snapshot, tenant, { kind: 'now' }),
      }))
      return { ...told, ...pageOf(found, limit, ({ since, position }) => cursors.seal(list, [since, position])) }
    },
  )
}

function placeOf([since, position]: readonly string[] = []): UnderWayPlace | undefined {
  const place = position === undefined ? undefined : parsePosition(position)
  return since === undefined || !place ? undefined : { since: new Date(since), ...place, seq: BigInt(place.seq) }
}
