import assert from 'node:assert/strict'
import type { ReconciliationTables } from '@micropay/projections/reconciliation/tables'
import { type Http, ProblemError } from '@micropay/runtime/http'
import { PeriodChecked, PeriodChecklist, PeriodList } from '@micropay/schemas/api/period'
import { Day, endOfDay } from '@micropay/schemas/days'
import { PeriodId } from '@micropay/schemas/identifiers'
import { partitionOf } from '@micropay/schemas/placement'
import { z } from 'zod'
import { type Reader, readAt } from '../position/await-position.ts'
import type { Head } from '../position/snapshot.ts'
import { findPeriod, openDays, periodsOf } from './period-queries.ts'
import { sealedBalances } from './sealed-balances.ts'
import { statementChecks } from './statement-checks.ts'

/** GET /v1/periods, /v1/periods/checklist and /v1/periods/:periodId. */
export function addPeriodRoutes(app: Http, reader: Reader<ReconciliationTables>): void {
  const onRequest = app.allow('reconciliation:read')
  const tags = ['periods']
  // Whoever may approve a reopening has to see what was sealed; whoever books, which days are open.
  const readers = ['reconciliation:read', 'approvals:decide', 'audit:read'] as const
  const allow = app.allow(...readers, 'payments:book')
  app.get('/v1/periods', { onRequest: allow, schema: { tags, response: { 200: PeriodList } } }, (request, reply) =>
    readAt(reader, request, reply, (snapshot) => periodsOf(snapshot, request.caller.tenant)),
  )
  const querystring = z.strictObject({ through: Day })
  app.get(
    '/v1/periods/checklist',
    { onRequest, schema: { tags, querystring, response: { 200: PeriodChecklist } } },
    (request, reply) =>
      readAt(reader, request, reply, async (snapshot) => {
        const { tenant } = request.caller
        const { zone, firstOpenDay: from } = await openDays(snapshot, tenant)
        const { through } = request.query
        if (from !== null && through < from) {
          const detail = `${through} is closed already: the first open day is ${from}`
          throw new ProblemError('invalid_request', detail)
        }
        const days = { from, through, zone, before: endOfDay(through, zone) }
        const sealed = await sealedBalances(snapshot, tenant, days.before)
        return {
          ...{ ...days, before: days.before.toISOString(), seq: seqOf(snapshot.head) },
          ...sealed,
          isBalanced: sealed.totals.every(({ debit, credit }) => debit === credit),
          ...(await statementChecks(snapshot, tenant, days)),
          approvals: '/v1/approvals?status=open',
        }
      }),
  )
  const params = z.object({ periodId: PeriodId })
  app.get(
    '/v1/periods/:periodId',
    { onRequest: app.allow(...readers), schema: { tags, params, response: { 200: PeriodChecked } } },
    (request, reply) =>
      readAt(reader, request, reply, async (snapshot) => {
        const { tenant } = request.caller
        const period = await findPeriod(snapshot, tenant, request.params.periodId)
        if (!period) throw new ProblemError('not_found', 'there is no such period')
        const { totals, digest: digestNow } = await sealedBalances(snapshot, tenant, new Date(period.before))
        return { ...period, digestNow, agrees: digestNow === period.digest, totals }
      }),
  )
}

/** Where the read model stands in the partition that decides about periods. */
function seqOf({ positions }: Head): number {
  const home = partitionOf('periods', positions.length)
  const at = positions.find(({ partition }) => partition === home)
  assert(at, `the read model has no partition ${home}`)
  return at.seq
}
