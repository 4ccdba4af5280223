import { Readable } from 'node:stream'
import type { Clock } from '@micropay/runtime/clock'
import { ProblemError } from '@micropay/runtime/http'
import { isOver, whenOver } from '@micropay/runtime/when-over'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Dispatcher } from 'undici'
import type { Route } from '../routes.ts'
import { askInTurn, type Requests } from './ask-in-turn.ts'
import { createDownloads, isLong } from './downloads.ts'
import { answerHeaders, requestHeaders } from './headers.ts'
import { BodyTooLargeError, limitBody } from './limit-body.ts'
import { codeOf, noAnswerCodes, notReachedCodes } from './no-answer.ts'
import { partitionAsked } from './partition-asked.ts'
import { askEveryProjection, projectionOf } from './projections.ts'
import type { Projections, Upstream, Upstreams } from './upstreams.ts'

const MOST_WAITING = 1024
const MOST_EVENT_STREAMS = 1000
/** Answers up to this size are passed on whole, which is cheaper than as a stream. */
const WHOLE_BYTES = 64 * 1024

export type Forwarder = ReturnType<typeof createForwarder>

/**
 * Passes a request that is allowed to the service of its route, and the answer back, as streams where they may be large
 * or endless. A GET whose service hung up is tried once more; a POST never is, since it may have counted.
 */
export function createForwarder(options: ForwarderOptions) {
  const { projections, clock } = options
  const streams = new Set<AbortController>()
  const downloads = createDownloads(clock)
  const breakingOff = new AbortController()
  const { headersFor, upstreamOf, pathFor } = addressing(options)
  const readOf = (request: FastifyRequest, upstream: Upstream, signal: AbortSignal) =>
    ({ path: pathFor(request, upstream), method: 'GET', headers: headersFor(request), signal }) as const

  async function forwardSmall(route: Route, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const upstream = upstreamOf(route, request)
    const options = {
      ...{ path: pathFor(request, upstream), method: route.method, headers: headersFor(request) },
      ...{ body: bodyOf(route, request), signal: breakingOff.signal },
    }
    const answer = await ask(clock, upstream, dispatcherFor(upstream, request), reply, options)
    return sendSmall(answer, upstream, request, reply)
  }

  async function forwardEvents(route: Route, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    if (streams.size >= MOST_EVENT_STREAMS) throw overloaded('too many event streams are open')
    const upstream = upstreamOf(route, request)
    const stopping = new AbortController()
    streams.add(stopping)
    whenOver(reply, () => {
      streams.delete(stopping)
      stopping.abort()
    })
    const answer = await ask(clock, upstream, upstream.events, reply, readOf(request, upstream, stopping.signal))
    reply.code(answer.statusCode).headers({ ...answerHeaders(answer.headers), 'x-accel-buffering': 'no' })
    return reply.send(answer.body)
  }

  async function forwardDownload(route: Route, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const upstream = upstreamOf(route, request)
    const signal = downloads.begin(upstream, reply)
    const answer = await ask(clock, upstream, upstream.downloads, reply, readOf(request, upstream, signal))
    return reply.code(answer.statusCode).headers(answerHeaders(answer.headers)).send(answer.body)
  }

  async function forwardOne(route: Route, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    // A command counts although nobody waits for its answer; a read does not.
    if (route.method === 'GET' && isOver(reply)) return reply.hijack()
    if (route.flow === 'events') return forwardEvents(route, request, reply)
    if (isLong(route, request)) return forwardDownload(route, request, reply)
    if (route.upstream === 'projections' && !route.path.includes(':service')) {
      return reply.send(await askEveryProjection(projections, pathFor, headersFor, request))
    }
    return forwardSmall(route, request, reply)
  }

  return {
    forward: (route: Route, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
      forwardOne(route, request, reply).catch((error: unknown) => {
        if (error instanceof CallerGoneError) return reply.hijack()
        throw error
      }),
    /** Ends the event streams, which would never end by themselves. */
    endStreams: () => {
      for (const stopping of streams) stopping.abort()
    },
    /** Waits for no service any more: callers are told so, and downloads that are not done are cut off. */
    breakOff: () => {
      breakingOff.abort()
      downloads.breakOff()
    },
  }
}

/** Where a request goes, and with which path and headers. */
function addressing({ upstreams, projections, publicUrl }: ForwarderOptions) {
  return {
    headersFor(request: FastifyRequest): Record<string, string | string[]> {
      const addressed = { authorization: request.bearer, clientAddress: request.ip, publicUrl }
      return requestHeaders(request.headers, addressed, request.method === 'POST')
    },
    upstreamOf(route: Route, request: FastifyRequest): Upstream {
      if (route.upstream === 'gateway') throw new RangeError(`${route.path} is the gateway's own`)
      return route.upstream === 'projections' ? projectionOf(projections, request) : upstreams[route.upstream]
    },
    pathFor(request: FastifyRequest, upstream: Upstream): string {
      if (!request.url.startsWith('/')) throw new ProblemError('invalid_request', 'ask for a path, not for an address')
      return upstream.prefix + request.url
    },
  }
}

/** Of several workers the one that decides it, and others where that one is gone. */
function dispatcherFor({ requests, workers }: Upstream, request: FastifyRequest): Requests {
  if (!workers || request.method !== 'POST') return requests
  return askInTurn(workers, partitionAsked(request, workers.partitions()))
}

type ForwarderOptions = {
  readonly upstreams: Upstreams
  readonly projections: Projections
  readonly publicUrl: URL
  readonly clock: Clock
}

function bodyOf(route: Route, request: FastifyRequest): Buffer | Readable | null {
  const { body } = request
  if (body instanceof Readable) return limitBody(body, route.bodyLimitBytes, tooLargeFor(route))
  return Buffer.isBuffer(body) ? body : null
}

/** What a body over the limit is answered. */
export function tooLargeFor({ bodyLimitBytes }: Route): string {
  const kib = bodyLimitBytes / 1024
  return `at most ${kib < 1024 ? `${kib} KiB` : `${kib / 1024} MiB`} are taken here: send a smaller body, or several`
}

async function ask(
  clock: Clock,
  upstream: Upstream,
  dispatcher: Requests,
  reply: FastifyReply,
  options: Dispatcher.RequestOptions,
): Promise<Dispatcher.ResponseData> {
  if (upstream.waiting >= MOST_WAITING) throw overloaded(`too many requests wait for ${upstream.name}`)
  upstream.waiting += 1
  const startedMs = clock.monotonicMs()
  try {
    const answer = await dispatcher.request(options).catch((error: unknown) => {
      if (options.method === 'POST' || !noAnswerCodes.has(codeOf(error))) throw error
      return dispatcher.request(options)
    })
    upstream.answers.add(1, clock.monotonicMs() - startedMs)
    if (answer.statusCode >= 500) upstream.failures.add(1)
    return answer
  } catch (error) {
    // What ended on this side says nothing of the service.
    if (!(error instanceof BodyTooLargeError) && isSenderGone(reply)) throw new CallerGoneError()
    if (isAborted(options)) throw isOver(reply) ? new CallerGoneError() : closingProblem(upstream, reply.request)
    upstream.failures.add(1)
    throw problemOfFailure(error, upstream, reply.request)
  } finally {
    upstream.waiting -= 1
  }
}

/** Whoever asked went away before there was an answer: nobody is to be told. */
class CallerGoneError extends Error {}

/** Before its body was there: a service that was to read it failed for nothing else. */
function isSenderGone(reply: FastifyReply): boolean {
  return isOver(reply) && !reply.request.raw.complete
}

function isAborted({ signal }: Dispatcher.RequestOptions): boolean {
  return signal instanceof AbortSignal && signal.aborted
}

function closingProblem(upstream: Upstream, { method }: FastifyRequest): ProblemError {
  const before = `this gateway is shutting down, and ${upstream.name} has not answered yet`
  const headers = { 'retry-after': '1', connection: 'close' }
  return method === 'POST'
    ? new ProblemError('outcome_unknown', `${before}: ${sendAgain}`, { headers })
    : new ProblemError('overloaded', `${before}: send it again`, { headers })
}

const sendAgain = 'the request may have counted: send it again with the same Idempotency-Key'

/**
 * An answer that is known to be short is sent whole, so that what a service refused is found in the log by its code.
 */
async function sendSmall(
  answer: Dispatcher.ResponseData,
  upstream: Upstream,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  reply.code(answer.statusCode).headers(answerHeaders(answer.headers))
  if (!request.raw.complete) reply.header('connection', 'close')
  if (!(Number(answer.headers['content-length']) <= WHOLE_BYTES)) return reply.send(answer.body)
  const whole = Buffer.from(await wholeOf(answer, upstream, request))
  if (answer.statusCode >= 400) request.problem = /"code":"([a-z_]{1,40})"/.exec(whole.toString('latin1'))?.[1]
  return reply.send(whole)
}

async function wholeOf(
  answer: Dispatcher.ResponseData,
  upstream: Upstream,
  request: FastifyRequest,
): Promise<ArrayBuffer> {
  return answer.body.arrayBuffer().catch((error: unknown) => {
    throw problemOfFailure(error, upstream, request)
  })
}

function overloaded(reason: string): ProblemError {
  return new ProblemError('overloaded', `${reason}: try again`, { headers: { 'retry-after': '1' } })
}

function problemOfFailure(cause: unknown, upstream: Upstream, request: FastifyRequest): unknown {
  if (cause instanceof BodyTooLargeError) {
    return new ProblemError('body_too_large', cause.message, { headers: { connection: 'close' } })
  }
  const code = codeOf(cause)
  const timedOut = code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT'
  if (!timedOut && !noAnswerCodes.has(code) && !code.startsWith('UND_ERR') && !code.startsWith('ERR_TLS')) return cause
  request.log.warn({ err: cause, upstream: upstream.name, path: request.routeOptions.url }, 'a service does not answer')
  const more = { headers: { 'retry-after': '1' }, traceId: request.id }
  if (notReachedCodes.has(code)) {
    return new ProblemError('upstream_unreachable', `${upstream.name} cannot be reached: try again`, more)
  }
  if (request.method !== 'POST') {
    return new ProblemError('upstream_unavailable', `${upstream.name} does not answer: try again`, more)
  }
  return timedOut
    ? new ProblemError('outcome_unknown', `${upstream.name} did not answer in time, and ${sendAgain}`, more)
    : new ProblemError('upstream_unavailable', `${upstream.name} broke off before it answered, and ${sendAgain}`, more)
}
