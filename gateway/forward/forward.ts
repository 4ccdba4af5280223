import type { Clock } from '@micropay/runtime/clock'
import type { Metrics } from '@micropay/runtime/telemetry/told'
import { isOver, whenOver } from '@micropay/runtime/when-over'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { KeepAnswers } from '../keep/keep-answers.ts'
import type { ByCaller } from '../limit/by-caller.ts'
import type { Route } from '../routes.ts'
import { type Addresses, addressing } from './addressing.ts'
import { createAsking } from './ask.ts'
import { createDownloads } from './downloads.ts'
import { CallerGoneError } from './failures.ts'
import { createSmall } from './forward-small.ts'
import { answerHeaders } from './headers.ts'
import { type LaneName, laneOf } from './lanes.ts'
import { askEveryProjection } from './projections.ts'
import { createUploads } from './upload.ts'

export type Forwarder = ReturnType<typeof createForwarder>

/**
 * Passes a request that is allowed to the service of its route, and the answer back, as streams where they may be large
 * or endless.
 */
export function createForwarder(options: ForwarderOptions) {
  const { projections, clock } = options
  const { ask, breakOff } = createAsking(clock, options.metrics)
  const streams = new Set<AbortController>()
  const downloads = createDownloads(clock)
  const to = addressing(options)
  const { headersFor, upstreamOf, pathFor, optionsOf } = to
  const forwardUpload = createUploads({ ...options, ask, to })
  const forwardSmall = createSmall({ ...options, ask, to, downloads })

  function beginStream(reply: FastifyReply): AbortController {
    const ending = new AbortController()
    streams.add(ending)
    whenOver(reply, () => {
      streams.delete(ending)
      ending.abort(new CallerGoneError())
    })
    return ending
  }

  async function forwardLong(route: Route, lane: LaneName, reply: FastifyReply): Promise<FastifyReply> {
    const { request } = reply
    const upstream = upstreamOf(route, request)
    const isEndless = lane === 'events'
    const asked = { upstream, lane, reply, ending: isEndless ? beginStream(reply) : downloads.begin(reply) }
    const answer = await ask(asked, () => optionsOf(request, upstream, null))
    if (isEndless) reply.header('x-accel-buffering', 'no')
    return reply.code(answer.statusCode).headers(answerHeaders(answer.headers)).send(answer.body)
  }

  async function forwardOne(route: Route, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    // A command counts although nobody waits for its answer; a read does not.
    if (route.method === 'GET' && isOver(reply)) return reply.hijack()
    const lane = laneOf(route, request)
    if (lane === 'events' || lane === 'download' || lane === 'verify') return forwardLong(route, lane, reply)
    if (route.upstream === 'projections' && !route.path.includes(':service')) {
      return reply.send(await askEveryProjection(projections, pathFor, headersFor, request))
    }
    return route.flow === 'upload' ? forwardUpload(route, lane, reply) : forwardSmall(route, lane, reply)
  }

  return {
    forward: (route: Route, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
      forwardOne(route, request, reply).catch((error: unknown) => {
        if (error instanceof CallerGoneError) return reply.hijack()
        throw error
      }),
    openStreams: () => streams.size,
    /** Ends the event streams, which would never end by themselves. */
    endStreams: () => {
      for (const ending of streams) ending.abort()
    },
    /** Waits for no service any more: callers are told so, and downloads that are not done are cut off. */
    breakOff: () => {
      breakOff()
      downloads.breakOff()
    },
  }
}

type ForwarderOptions = Addresses & {
  readonly clock: Clock
  readonly byCaller: ByCaller
  readonly kept: KeepAnswers
  readonly metrics?: Metrics | undefined
}
