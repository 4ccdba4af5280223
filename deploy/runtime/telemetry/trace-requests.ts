import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { traceIdOf, traceparentOf, wellFormed } from '../traceparent.ts'
import { enterTrace, isTracing, type TraceSpan, within } from './tracing.ts'

/** By the request as Node has it. */
const begun = new WeakMap<object, TraceSpan>()

/** What is asked again and again of how a process is says nothing of its work. */
const isProbe = (url = '') => /^\/(health|metrics|vitals)(\/|$)/.test(url)

/**
 * The id of a request is the id of its trace, by which it is found in the log of each service that it came through.
 * From here on its header is well-formed, whatever was sent: where traces are recorded it names the span of the
 * request, or says that there is none. `randomId` gives 128 bits in base64url.
 */
export function traceOf(request: Pick<IncomingMessage, 'headers' | 'url'>, randomId: () => string): string {
  const { headers, url } = request
  const entered = isTracing() && !isProbe(url) ? enterTrace(wellFormed(headers.traceparent)) : undefined
  if (entered?.span) begun.set(request, entered.span)
  const traceparent = entered?.traceparent ?? traceparentOf(headers.traceparent, randomId)
  headers.traceparent = traceparent
  return traceIdOf(traceparent)
}

type TracedApp = {
  addHook(name: 'preHandler', hook: (request: FastifyRequest, reply: FastifyReply, done: () => void) => void): unknown
  addHook(name: 'onResponse', hook: (request: FastifyRequest, reply: FastifyReply, done: () => void) => void): unknown
}

/** Where traces are recorded: what a handler does belongs to the span of its request, which ends with the answer. */
export function traceRequests(app: TracedApp): void {
  if (!isTracing()) return
  // Behind the reading of the body, which goes on in turns of its own.
  app.addHook('preHandler', (request, _reply, done) => {
    const span = begun.get(request.raw)
    if (span) within(span, done)
    else done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    end(request, reply)
    done()
  })
}

/** The path as its route has it, so that no id and no token is told. */
function end({ raw, method, routeOptions }: FastifyRequest, { statusCode }: FastifyReply): void {
  const span = begun.get(raw)
  if (!span) return
  begun.delete(raw)
  const route = routeOptions.url ?? 'no route'
  span.name(`${method} ${route}`)
  span.set({ 'http.request.method': method, 'http.route': route, 'http.response.status_code': statusCode })
  span.end(statusCode >= 500 ? `answered ${statusCode}` : undefined)
}
