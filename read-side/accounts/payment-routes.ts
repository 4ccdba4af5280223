import type { Http } from '@micropay/deploy/runtime/http'
import { AccountId, PaymentId } from '@micropay/schemas/identifiers'
import { Payment, PaymentPage } from '@micropay/schemas/payment'
import { parsePositions } from '@micropay/schemas/position'
import { z } from 'zod'
import { type Reader, readAt } from '../await-position.ts'
import type { Cursors } from '../cursor.ts'
import { findAccount } from './account-queries.ts'
import { pageOf, pageQuery } from './page.ts'
import { findPayment, listPayments, type PaymentPlace } from './payment-queries.ts'
import { notFound, viewerOf } from './viewer.ts'

/** GET /v1/payments and /v1/payments/:paymentId. */
export function addPaymentRoutes(app: Http, reader: Reader, cursors: Cursors): void {
  const preHandler = app.allow('accounts:read', 'accounts:read:any')
  app.get(
    '/v1/payments',
    { preHandler, schema: { querystring: PaymentsQuery, response: { 200: PaymentPage } } },
    async (request, reply) => {
      const { limit, cursor, ...filter } = request.query
      const viewer = viewerOf(request.caller)
      const list = ['payments', viewer, filter]
      const before = placeOf(cursors.open(list, cursor))
      const { account } = filter
      const found = await readAt(reader, request, reply, async ({ db }) => {
        if (account !== undefined && !(await findAccount(db, viewer, account))) return undefined
        return listPayments(db, viewer, filter, before, limit + 1)
      })
      if (!found) throw notFound('account')
      return pageOf(found, limit, (payment) => cursors.seal(list, [payment.decidedAt, payment.position]))
    },
  )
  app.get(
    '/v1/payments/:paymentId',
    { preHandler, schema: { params: PaymentParams, response: { 200: Payment } } },
    async (request, reply) => {
      const viewer = viewerOf(request.caller)
      const { paymentId } = request.params
      const payment = await readAt(reader, request, reply, ({ db }) => findPayment(db, viewer, paymentId))
      if (!payment) throw notFound('payment')
      return payment
    },
  )
}

const PaymentParams = z.object({ paymentId: PaymentId })
const PaymentsQuery = z.strictObject({
  account: AccountId.optional(),
  status: z.enum(['posted', 'rejected']).optional(),
  ...pageQuery,
})

function placeOf(keys: readonly string[] | undefined): PaymentPlace | undefined {
  const [decidedAt, position] = keys ?? []
  const at = parsePositions(position ?? '')?.[0]
  return decidedAt && at ? { decidedAt: new Date(decidedAt), partition: at.partition, seq: BigInt(at.seq) } : undefined
}
