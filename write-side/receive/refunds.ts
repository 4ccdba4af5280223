import type { Http } from '@micropay/runtime/http'
import { PaymentAccepted, PaymentPending, RefundPayment } from '@micropay/schemas/api/payment'
import { PaymentId } from '@micropay/schemas/identifiers'
import { z } from 'zod'
import { governedAnswers } from './governed-answers.ts'
import { respond } from './respond.ts'
import { idempotencyKeyOf, type ReceiveDependencies, submitFor } from './submit.ts'
import { waitOf } from './wait-of.ts'

/** POST /v1/payments/:paymentId/refund */
export function receiveRefunds(app: Http, dependencies: ReceiveDependencies): void {
  const onRequest = app.allow('payments:make', 'payments:book')
  const schema = {
    tags: ['payments'],
    summary: 'Give a payment back, whole or in part, never more than is left of it',
    params: z.object({ paymentId: PaymentId }),
    body: RefundPayment,
    response: governedAnswers(PaymentAccepted, PaymentPending),
  }
  app.post('/v1/payments/:paymentId/refund', { onRequest, schema }, async (request, reply) => {
    const { dryRun = false, ...fields } = request.body
    const key = idempotencyKeyOf(request, dryRun)
    const wait = waitOf(request)
    const command = { type: 'RefundPayment' as const, data: { paymentId: request.params.paymentId, ...fields } }
    const result = await submitFor(dependencies, request.caller, command, key, dryRun, { wait })
    return respond(reply, result, dependencies.stepUp)
  })
}
