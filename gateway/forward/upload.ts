import { Readable } from 'node:stream'
import type { Clock } from '@micropay/runtime/clock'
import type { FastifyReply } from 'fastify'
import type { ByCaller } from '../limit/by-caller.ts'
import type { Route } from '../routes.ts'
import { type Addressing, requestsFor } from './addressing.ts'
import type { Ask } from './ask.ts'
import { BATCH_ITEMS } from './headers.ts'
import type { LaneName } from './lanes.ts'
import { limitBody } from './limit-body.ts'
import { sendSmall } from './send-small.ts'

export type UploadOptions = {
  readonly ask: Ask
  readonly to: Addressing
  readonly clock: Clock
  readonly byCaller: ByCaller
}

/**
 * Streams a large body to its service once there is a place for it, and charges its sender for what it was, whatever
 * became of it.
 */
export function createUploads({ ask, to, clock, byCaller }: UploadOptions) {
  return async (route: Route, lane: LaneName, reply: FastifyReply): Promise<FastifyReply> => {
    const { request } = reply
    const upstream = to.upstreamOf(route, request)
    const batch = { items: 0, bytes: 0 }
    const onBytes = (bytes: number) => {
      batch.bytes = bytes
    }
    const limits = { clock, limitBytes: route.bodyLimitBytes, tooLarge: tooLargeFor(route), onBytes }
    const bodyOf = () => (request.body instanceof Readable ? limitBody(request.body, limits) : null)
    const asked = { upstream, lane, reply, requests: requestsFor(upstream, lane, request) }
    try {
      const answer = await ask(asked, () => to.optionsOf(request, upstream, bodyOf()))
      batch.items = Number(answer.headers[BATCH_ITEMS] ?? 0)
      return await sendSmall(answer, upstream, request, reply)
    } finally {
      await byCaller.charge(request, batch)
    }
  }
}

/** What a body over the limit is answered. */
export function tooLargeFor({ bodyLimitBytes }: Route): string {
  const kib = bodyLimitBytes / 1024
  return `at most ${kib < 1024 ? `${kib} KiB` : `${kib / 1024} MiB`} are taken here: send a smaller body, or several`
}
