import type { Http } from '@micropay/runtime/http'
import { BatchPayment, MakePayment, PaymentAccepted, PaymentBatch, PaymentPending } from '@micropay/schemas/api/payment'
import { Problem } from '@micropay/schemas/api/problem'
import { z } from 'zod'
import { type Batches, batchOf } from './batches.ts'
import { governedAnswers } from './governed-answers.ts'
import { respond } from './respond.ts'
import { idempotencyKeyOf, type ReceiveDependencies, submitFor } from './submit.ts'
import { type BatchKind, batchResultFields } from './submit-batch.ts'
import { waitOf } from './wait-of.ts'

const BatchResult = z
  .object({ ...batchResultFields, payment: z.union([PaymentAccepted, PaymentPending]).optional() })
  .meta({ id: 'BatchResult' })

const paymentBatch: BatchKind<BatchPayment> = {
  noun: 'payment',
  item: BatchPayment,
  command: ({ idempotencyKey: _, ...data }) => ({ type: 'MakePayment', data }),
  accounts: (command) => (command.type === 'MakePayment' ? accountsOf(command.data) : []),
}

function accountsOf({ postings = [], legs = [] }: Omit<BatchPayment, 'idempotencyKey'>): string[] {
  return [...postings.flatMap(({ from, to }) => [from, to]), ...legs.map(({ account }) => account)]
}

/** POST /v1/payments and POST /v1/payments/batch. */
export function receivePaymentCommands(app: Http, dependencies: ReceiveDependencies, batches: Batches): void {
  const allow = app.allow('payments:make', 'payments:book')
  const one = {
    tags: ['payments'],
    summary: 'Make a payment',
    body: MakePayment,
    response: governedAnswers(PaymentAccepted, PaymentPending),
  }
  app.post('/v1/payments', { onRequest: allow, schema: one }, async (request, reply) => {
    const { dryRun = false, ...data } = request.body
    const key = idempotencyKeyOf(request, dryRun)
    const command = { type: 'MakePayment' as const, data }
    const wait = waitOf(request)
    const result = await submitFor(dependencies, request.caller, command, key, dryRun, { wait })
    return respond(reply, result, dependencies.stepUp)
  })
  const many = {
    tags: ['payments'],
    summary: 'Make up to 10,000 payments, each with a key and an outcome of its own, decided in order',
    body: PaymentBatch,
    response: { 200: z.object({ results: z.array(BatchResult) }), '4xx': Problem, '5xx': Problem },
  }
  const options = { onRequest: [allow, batches.takePlace], schema: many, ...batchOf('payments') }
  app.post('/v1/payments/batch', options, async (request, reply) =>
    batches.answer(request, reply, request.body.payments, paymentBatch),
  )
}
