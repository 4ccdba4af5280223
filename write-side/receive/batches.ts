import { ProblemError } from '@micropay/runtime/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { createBatchRoom } from './batch-room.ts'
import { sendAsItIs } from './respond.ts'
import type { ReceiveDependencies } from './submit.ts'
import { type BatchItem, type BatchKind, furthest, submitBatch } from './submit-batch.ts'

export const BATCH_BODY_LIMIT_BYTES = 16 * 1024 * 1024

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
        return await sendAsItIs(reply, { results })
      } finally {
        place?.giveBack()
      }
    },
  }
}

type Place = { readonly giveBack: () => void; isWorkedOn: boolean }
