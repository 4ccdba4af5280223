import type { Clock } from '@micropay/runtime/clock'
import type { Metrics } from '@micropay/runtime/telemetry/told'
import { startSpan, type TraceSpan } from '@micropay/runtime/telemetry/tracing'
import { isOver, whenOver } from '@micropay/runtime/when-over'
import type { FastifyReply } from 'fastify'
import type { Dispatcher } from 'undici'
import { callerKey } from '../limit/caller.ts'
import type { Requests } from './ask-in-turn.ts'
import {
  CallerGoneError,
  ClosingError,
  isOfBody,
  isOfService,
  notAskedFor,
  problemOfFailure,
  TooLateError,
  UpstreamAwayError,
} from './failures.ts'
import { type LaneName, lanes } from './lanes.ts'
import { codeOf, noAnswerCodes, notReachedCodes } from './no-answer.ts'
import type { Upstream } from './upstreams.ts'

export type Asked = {
  readonly upstream: Upstream
  readonly lane: LaneName
  readonly reply: FastifyReply
  /** The lane's, unless one process may be the better one to ask. */
  readonly requests?: Requests
  /** Of an answer that is long or endless: its end, whoever brings it about. */
  readonly ending?: AbortController
}

export type Ask = ReturnType<typeof createAsking>['ask']

/**
 * Asks services for callers: each in a place of the lane, which it has until the service has answered it to the end,
 * whoever waits for that, and within the time of the lane, which begins when the gateway has the request. A read whose
 * service hung up is tried once more; a command only where nothing of it was sent, since it may have counted. A service
 * whose breaker is open is not asked.
 */
export function createAsking(clock: Clock, metrics: Metrics | undefined) {
  const took = metrics?.timed('micropay_upstream_request_duration_seconds')
  const underWay = new Set<AbortController>()

  /**
   * ProblemError where there is no answer; CallerGoneError where nobody is there to be told. The body is of `options`,
   * which are made once there is a place.
   */
  async function ask(asked: Asked, options: () => Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> {
    const { lane, upstream, reply, ending = new AbortController() } = asked
    const startedMs = clock.monotonicMs()
    const told = (outcome: string) =>
      took?.((clock.monotonicMs() - startedMs) / 1000, { upstream: upstream.name, kind: lane, outcome })
    const timer = clock.timer(lanes[lane].withinMs, () => ending.abort(new TooLateError(`${upstream.name} is silent`)))
    underWay.add(ending)
    upstream.waiting += 1
    // A command that was sent may count, so its outcome is waited for.
    let isSent = false
    const giveUp = () => {
      if (!isSent || reply.request.method === 'GET') ending.abort(new UpstreamAwayError(upstream.name))
    }
    const askedMs = clock.monotonicMs()
    const work = async () => {
      const leave = await enter(asked, ending)
      isSent = true
      const span = upstreamSpan(asked, clock.monotonicMs() - askedMs)
      try {
        const answer = await answerOf(clock, asked, { ...within(span, options()), signal: ending.signal })
        span?.set({ 'http.response.status_code': answer.statusCode })
        span?.end(answer.statusCode >= 500 ? `answered ${answer.statusCode}` : undefined)
        answer.body.once('close', leave)
        return answer
      } catch (error) {
        leave()
        span?.end(codeOf(error) || 'no answer')
        // A service that was to read a body failed for nothing but that its sender went away.
        const isSenderGone = isOver(reply) && !reply.request.raw.complete
        if (isSenderGone && !isOfBody(error)) throw new CallerGoneError()
        if (error instanceof ClosingError && isOver(reply)) throw new CallerGoneError()
        if (isOfService(error)) upstream.failures.add(1)
        throw problemOfFailure(error, upstream.name, reply.request)
      }
    }
    try {
      const answer = await upstream.breaker.run(lane, giveUp, work)
      told(answer.statusCode >= 500 ? 'failed' : 'answered')
      return answer
    } catch (error) {
      told(outcomeOf(error, isSent))
      throw notAskedFor(error, upstream.name)
    } finally {
      upstream.waiting -= 1
      underWay.delete(ending)
      timer.cancel()
    }
  }
  return {
    ask,
    /** Waits for no service any more: callers are told so. */
    breakOff(): void {
      for (const ending of underWay) ending.abort(new ClosingError())
    },
  }
}

function upstreamSpan({ upstream, lane, reply: { request } }: Asked, waitedMs: number): TraceSpan | undefined {
  const span = startSpan('upstream', String(request.headers.traceparent), { title: `ask ${upstream.name}` })
  span?.set({ 'http.request.method': request.method, 'micropay.lane': lane, 'micropay.waited_ms': waitedMs })
  return span
}

/** What is asked belongs to the span. */
function within(span: TraceSpan | undefined, options: Dispatcher.RequestOptions): Dispatcher.RequestOptions {
  if (!span) return options
  return { ...options, headers: { ...options.headers, traceparent: span.traceparent } }
}

/** What became of a request that was given no answer. */
function outcomeOf(error: unknown, isSent: boolean): string {
  if (error instanceof CallerGoneError) return 'caller_gone'
  return isSent ? 'unanswered' : 'not_asked'
}

async function enter({ upstream, lane, reply }: Asked, ending: AbortController): Promise<() => void> {
  try {
    const place = upstream.lanes[lane].share.enter(callerKey(reply.request), ending.signal)
    return place instanceof Promise ? await whileWaitedFor(place, reply, ending) : place
  } catch (error) {
    throw notAskedFor(error, upstream.name)
  }
}

/** A read that nobody waits for any more gives up waiting for its place; a command does not, since it is to count. */
function whileWaitedFor<Place>(place: Promise<Place>, reply: FastifyReply, ending: AbortController): Promise<Place> {
  if (reply.request.method !== 'GET') return place
  let isIn = false
  whenOver(reply, () => {
    if (!isIn) ending.abort(new CallerGoneError())
  })
  return place.finally(() => {
    isIn = true
  })
}

async function answerOf(
  clock: Clock,
  { upstream, lane, requests = upstream.lanes[lane].requests }: Asked,
  options: Dispatcher.RequestOptions,
): Promise<Dispatcher.ResponseData> {
  const startedMs = clock.monotonicMs()
  const { retries, breaker } = upstream
  const once = () => breaker.count(lane, () => requests.request(options))
  retries.asked()
  const answer = await once().catch(async (error: unknown) => {
    const waitMs = isSafeAgain(options, codeOf(error)) ? retries.again() : undefined
    if (waitMs === undefined) throw error
    await clock.sleep(waitMs, ending(options))
    return once()
  })
  upstream.answers.add(1, clock.monotonicMs() - startedMs)
  if (answer.statusCode >= 500) upstream.failures.add(1)
  return answer
}

/** A read that was not answered; a command only where nothing of it was sent, and its body is still there. */
function isSafeAgain({ method, body }: Dispatcher.RequestOptions, code: string): boolean {
  if (method !== 'POST') return noAnswerCodes.has(code)
  return notReachedCodes.has(code) && (body == null || Buffer.isBuffer(body))
}

function ending({ signal }: Dispatcher.RequestOptions): AbortSignal | undefined {
  return signal instanceof AbortSignal ? signal : undefined
}
