import { breathing } from '@micropay/runtime/breathing'
import { systemClock } from '@micropay/runtime/clock'
import { ProblemError } from '@micropay/runtime/problem-error'
import { MAX_BATCH_PAYMENTS } from '@micropay/schemas/api/payment'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { createBatchRoom } from './batch-room.ts'
import { PASSED_ON } from './pass-on.ts'
import type { ReceiveDependencies } from './submit.ts'
import { type BatchItem, type BatchKind, type BatchResult, furthest, submitBatch } from './submit-batch.ts'

export const BATCH_BODY_LIMIT_BYTES = 16 * 1024 * 1024

/** What a route says that takes a batch under that name. */
export function batchOf(name: string) {
  return { bodyLimit: BATCH_BODY_LIMIT_BYTES, config: { items: { name, most: MAX_BATCH_PAYMENTS } } }
}

/** Many commands in one request, each with a key and an outcome of its own. Batches of all kinds share one room. */
export type Batches = {
  /** An `onRequest` hook: a place is taken before anything of a body is read. 503 `overloaded` where there is none. */
  takePlace(request: FastifyRequest, reply: FastifyReply): Promise<void>
  /** 200 with the results in the order of the items, and the furthest position of them in the header. */
  answer<Item extends BatchItem>(
    request: FastifyRequest,
    reply: FastifyReply,
    items: readonly unknown[],
    kind: BatchKind<Item>,
  ): Promise<FastifyReply>
}

export function createBatches(dependencies: ReceiveDependencies): Batches {
  const room = createBatchRoom()
  const places = new WeakMap<FastifyRequest, Place>()
  return {
    async takePlace(request, reply) {
      const { tenant, client, subject } = request.caller
      const bytes = Number(request.headers['content-length'] ?? BATCH_BODY_LIMIT_BYTES)
      const isPassedOn = request.headers[PASSED_ON] !== undefined
      const caller = JSON.stringify([tenant, client, subject])
      const giveBack = room.take(caller, Math.min(bytes, BATCH_BODY_LIMIT_BYTES), isPassedOn)
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
    },
    async answer(request, reply, items, kind) {
      const place = places.get(request)
      if (place) place.isWorkedOn = true
      // By this the gateway knows what it cost.
      reply.header('micropay-batch-items', items.length)
      try {
        const results = await submitBatch(dependencies, request, items, room, kind)
        const position = furthest(results)
        if (position !== undefined) reply.header('position', position)
        return await sendResults(reply, results)
      } finally {
        place?.giveBack()
      }
    },
  }
}

/** In parts, since making one text of 10,000 results takes longer than others should wait. */
async function sendResults(reply: FastifyReply, results: readonly BatchResult[]): Promise<FastifyReply> {
  const parts: string[] = []
  const breath = breathing(systemClock)
  for (let from = 0; from < results.length; from += RESULTS_A_PART) {
    parts.push(JSON.stringify(results.slice(from, from + RESULTS_A_PART)).slice(1, -1))
    const othersTurn = breath()
    if (othersTurn) await othersTurn
  }
  return reply.type('application/json; charset=utf-8').send(Buffer.from(`{"results":[${parts.join(',')}]}`))
}
const RESULTS_A_PART = 100

type Place = { readonly giveBack: () => void; isWorkedOn: boolean }
