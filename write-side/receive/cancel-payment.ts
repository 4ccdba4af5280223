import type { Http } from '@micropay/runtime/http'
import { ProposalDecided } from '@micropay/schemas/api/approval'
import { CancelDecided, CancelPayment } from '@micropay/schemas/api/payment'
import { Problem } from '@micropay/schemas/api/problem'
import { PaymentId } from '@micropay/schemas/identifiers'
import { z } from 'zod'
import { respond } from './respond.ts'
import { idempotencyKeyOf, type ReceiveDependencies, submitFor } from './submit.ts'

/** POST /v1/payments/:paymentId/cancel */
export function receiveCancellations(app: Http, dependencies: ReceiveDependencies): void {
  const onRequest = app.allow('payments:make', 'payments:book')
  const schema = {
    tags: ['payments'],
    summary: 'Let a payment be that is under way',
    params: z.object({ paymentId: PaymentId }),
    body: CancelPayment,
    response: { 201: CancelDecided, 202: ProposalDecided, '4xx': Problem, '5xx': Problem },
  }
  app.post('/v1/payments/:paymentId/cancel', { onRequest, schema }, async (request, reply) => {
    const { paymentId } = request.params
    const command = { type: 'CancelPayment' as const, data: { paymentId, ...request.body } }
    return respond(reply, await submitFor(dependencies, request.caller, command, idempotencyKeyOf(request), false))
  })
}
