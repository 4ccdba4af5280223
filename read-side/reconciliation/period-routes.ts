import assert from 'node:assert/strict'
import type { ReconciliationTables } from '@micropay/projections/reconciliation/tables'
import type { Http } from '@micropay/runtime/http'
import type { PartitionDigest } from '@micropay/runtime/period-seals'
import { ProblemError } from '@micropay/runtime/problem-error'
import { PeriodChecked, PeriodChecklist, PeriodList } from '@micropay/schemas/api/period'
import type { TransitBalance, TrialBalanceTotal } from '@micropay/schemas/api/reconciliation'
import { Day, endOfDay } from '@micropay/schemas/days'
import { PeriodId } from '@micropay/schemas/identifiers'
import { z } from 'zod'
import { type Reader, readAt } from '../position/await-position.ts'
import type { Head } from '../position/snapshot.ts'
import { findPeriod, openDays, periodsOf } from './period-queries.ts'
import { sealedBalances } from './sealed-balances.ts'
import { statementChecks } from './statement-checks.ts'
import { transitBalances } from './under-way.ts'

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
        const { digests, ...sealed } = await sealedBalances(snapshot, tenant, days.before)
        const underWay = digests && (await transitBalances(snapshot, tenant, { kind: 'instant', before: days.before }))
        return {
          ...{ ...days, before: days.before.toISOString(), seq: seqOf(snapshot.head) },
          ...sealed,
          isBalanced: isBalanced(sealed.totals, underWay ?? []),
          ...(digests && underWay ? { seals: sealsOf(digests, snapshot.head), underWay } : {}),
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
function seqOf(head: Head): number {
  return seqIn(head, HOME)
}

/** What holds for the whole ledger is decided on its first partition. */
const HOME = 0

function seqIn({ positions }: Head, partition: number): number {
  const at = positions.find((each) => each.partition === partition)
  assert(at, `the read model has no partition ${partition}`)
  return at.seq
}

function sealsOf(digests: readonly PartitionDigest[], head: Head) {
  return digests.map(({ partition, digest }) => ({ partition, seq: seqIn(head, partition), digest }))
}

/** With what is under way between partitions: that is on one side of its payment only, and out of nothing. */
function isBalanced(totals: readonly TrialBalanceTotal[], underWay: readonly TransitBalance[]): boolean {
  const sums = new Map<string, bigint>()
  for (const { currency, debit, credit } of [...totals, ...underWay]) {
    sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(credit) - BigInt(debit))
  }
  return [...sums.values()].every((sum) => sum === 0n)
}
