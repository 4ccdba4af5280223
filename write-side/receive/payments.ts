import { type Http, ProblemError } from '@micropay/runtime/http'
import { BatchPayment, MakePayment, PaymentAccepted, PaymentBatch } from '@micropay/schemas/api/payment'
import { Problem, problemOf } from '@micropay/schemas/api/problem'
import type { Caller } from '@micropay/schemas/api/token'
import { formatPosition, parsePositions } from '@micropay/schemas/position'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { CommandRequest, CommandResult } from '../handle/command.ts'
import { reused } from '../handle/refusals.ts'
import { type BatchRoom, createBatchRoom } from './batch-room.ts'
import { problemFor, respond, sendAsItIs } from './respond.ts'
import { idempotencyKeyOf, type ReceiveDependencies, requestFor, submitFor } from './submit.ts'

/** The outcome of one payment of a batch, with what its own HTTP answer would have been. */
const BatchResult = z
  .object({
    status: z.int(),
    idempotencyKey: z.string().nullable(),
    replayed: z.boolean(),
    position: z.string().nullable(),
    payment: PaymentAccepted.optional(),
    problem: Problem.optional(),
  })
  .meta({ id: 'BatchResult' })
type BatchResult = z.infer<typeof BatchResult>

export const BATCH_BODY_LIMIT_BYTES = 16 * 1024 * 1024

/** POST /v1/payments and POST /v1/payments/batch. */
export function receivePaymentCommands(app: Http, dependencies: ReceiveDependencies): void {
  const onRequest = app.allow('payments:make', 'payments:book')
  const one = {
    tags: ['payments'],
    summary: 'Make a payment',
    body: MakePayment,
    response: { 200: PaymentAccepted, 201: PaymentAccepted, '4xx': Problem, '5xx': Problem },
  }
  app.post('/v1/payments', { onRequest, schema: one }, async (request, reply) => {
    const { dryRun = false, ...data } = request.body
    const key = idempotencyKeyOf(request, dryRun)
    return respond(reply, await submitFor(dependencies, request.caller, { type: 'MakePayment', data }, key, dryRun))
  })

  receiveBatches(app, dependencies)
}

function receiveBatches(app: Http, dependencies: ReceiveDependencies): void {
  const room = createBatchRoom()
  const places = new WeakMap<FastifyRequest, Place>()
  const allow = app.allow('payments:make', 'payments:book')
  const takePlace = async (request: FastifyRequest, reply: FastifyReply) => {
    const { tenant, client, subject } = request.caller
    const bytes = Number(request.headers['content-length'] ?? BATCH_BODY_LIMIT_BYTES)
    const giveBack = room.take(JSON.stringify([tenant, client, subject]), Math.min(bytes, BATCH_BODY_LIMIT_BYTES))
    if (!giveBack) {
      throw new ProblemError('overloaded', 'too many batches are being worked on: send it again', {
        headers: { 'retry-after': '1' },
      })
    }
    const place = { giveBack, isWorkedOn: false }
    places.set(request, place)
    // A sender may leave before the end of its body, or be refused; what is worked on is so until its end.
    reply.raw.once('close', () => {
      if (!place.isWorkedOn) giveBack()
    })
  }
  const many = {
    tags: ['payments'],
    summary: 'Make up to 10,000 payments, each with a key and an outcome of its own, decided in order',
    body: PaymentBatch,
    response: { 200: z.object({ results: z.array(BatchResult) }), '4xx': Problem, '5xx': Problem },
  }
  const options = { onRequest: [allow, takePlace], schema: many, bodyLimit: BATCH_BODY_LIMIT_BYTES }
  app.post('/v1/payments/batch', options, async (request, reply) => {
    const place = places.get(request)
    if (place) place.isWorkedOn = true
    try {
      const results = await submitBatch(dependencies, request.caller, request.body.payments, room)
      const position = furthest(results)
      if (position !== undefined) reply.header('position', position)
      return await sendAsItIs(reply, { results })
    } finally {
      place?.giveBack()
    }
  })
}

type Place = { readonly giveBack: () => void; isWorkedOn: boolean }

/** Hands the payments over in order, a window at a time; the results stand in the same order. */
async function submitBatch(
  dependencies: ReceiveDependencies,
  caller: Caller,
  payments: readonly unknown[],
  room: BatchRoom,
): Promise<BatchResult[]> {
  const results: Promise<BatchResult>[] = []
  let undecided = false
  let waitAt = room.window()
  const submit = submitOnce(dependencies, () => undecided)
  for (const [index, item] of payments.entries()) {
    if (index === waitAt) {
      const half = Math.floor(room.window() / 2)
      await results[index - half]
      waitAt = index + half
    }
    const result = undecided ? Promise.resolve(notTried(item)) : submitItem(dependencies, caller, item, submit)
    results.push(result)
    void result.then(({ status }) => {
      undecided ||= isOpen(status)
    })
  }
  return Promise.all(results)
}

/** No worker decided it, or it is not known whether one did. */
function isOpen(status: number): boolean {
  return status === 503 || status === 504
}

/** Undefined when it was not tried. */
type Submit = (request: CommandRequest) => Promise<CommandResult | undefined>

/**
 * Hands over what a batch holds twice only once: the twin waits for the first one's outcome and has it too, for its
 * key is used from then on. A key whose first request left nothing in the ledger is free for another one.
 */
function submitOnce({ submit }: ReceiveDependencies, isUndecided: () => boolean): Submit {
  const firsts = new Map<string, First>()
  function asFirst(request: CommandRequest): Promise<CommandResult> {
    const outcome = submit(request)
    firsts.set(request.idempotencyKey, { requestHash: request.requestHash, outcome })
    return outcome
  }
  async function asTwin(request: CommandRequest, first: First): Promise<CommandResult | undefined> {
    const result = await first.outcome
    if (first.requestHash === request.requestHash) {
      return result.kind === 'refused' ? result : { ...result, replayed: true }
    }
    if (result.kind !== 'refused') return reused
    if (isUndecided() || isOpen(problemFor(result).status)) return undefined
    const latest = firsts.get(request.idempotencyKey)
    return latest && latest !== first ? asTwin(request, latest) : asFirst(request)
  }
  return (request) => {
    const first = firsts.get(request.idempotencyKey)
    return first ? asTwin(request, first) : asFirst(request)
  }
}
type First = { readonly requestHash: string; readonly outcome: Promise<CommandResult> }

/**
 * What comes after a payment that is not decided waits for it: decided before it, a withdrawal could be refused for
 * want of its deposit.
 */
function notTried(item: unknown): BatchResult {
  const problem = problemOf(
    'not_owner',
    'an earlier payment of this batch was not decided, so this one was not tried: ' +
      'send the batch again with the same keys',
  )
  return { status: problem.status, idempotencyKey: keyIn(item), replayed: false, position: null, problem }
}

async function submitItem(
  dependencies: ReceiveDependencies,
  caller: Caller,
  item: unknown,
  submit: Submit,
): Promise<BatchResult> {
  const parsed = BatchPayment.safeParse(item)
  if (!parsed.success) {
    const errors = parsed.error.issues.map((issue) => ({ pointer: `/${issue.path.join('/')}`, detail: issue.message }))
    const first = errors[0]
    const problem = problemOf('invalid_request', `${first?.pointer ?? ''} ${first?.detail ?? 'see errors'}`, { errors })
    return { status: problem.status, idempotencyKey: keyIn(item), replayed: false, position: null, problem }
  }
  const { idempotencyKey, ...data } = parsed.data
  const command = { type: 'MakePayment' as const, data }
  const result = await submit(requestFor(dependencies, caller, command, idempotencyKey, false))
  return result ? batchResult(idempotencyKey, result) : notTried(item)
}

/** The highest position in the partition that was written last: a replayed payment at the end stands before others. */
function furthest(results: readonly BatchResult[]): string | undefined {
  if (!results.some(({ replayed }) => replayed)) {
    return results.findLast(({ position }) => position !== null)?.position ?? undefined
  }
  const positions = results.flatMap(({ position }) => parsePositions(position ?? '') ?? [])
  const last = positions.at(-1)
  if (!last) return undefined
  const seqs = positions.filter(({ partition }) => partition === last.partition).map(({ seq }) => seq)
  return formatPosition({ ...last, seq: seqs.reduce((most, seq) => Math.max(most, seq)) })
}

function batchResult(idempotencyKey: string, result: CommandResult): BatchResult {
  if (result.kind === 'refused') {
    const problem = problemFor(result)
    return { status: problem.status, idempotencyKey, replayed: false, position: null, problem }
  }
  const { replayed } = result
  const position = result.position ? formatPosition(result.position) : null
  if (result.kind === 'accepted') {
    const payment = 'paymentId' in result.answer ? { payment: result.answer } : {}
    return { status: 201, idempotencyKey, replayed, position, ...payment }
  }
  const problem = problemFor(result)
  return { status: problem.status, idempotencyKey, replayed, position, problem }
}

function keyIn(item: unknown): string | null {
  const key = typeof item === 'object' && item !== null && 'idempotencyKey' in item ? item.idempotencyKey : null
  return typeof key === 'string' ? key : null
}
