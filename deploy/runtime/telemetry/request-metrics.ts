import type { FastifyReply, FastifyRequest } from 'fastify'
import { systemClock } from '../clock.ts'
import type { Metrics, Tell } from './told.ts'

type Done = () => void
type MeasuredApp = {
  addHook(name: 'onRequest', hook: (request: FastifyRequest, reply: FastifyReply, done: Done) => void): unknown
  addHook(
    name: 'onSend',
    hook: (request: FastifyRequest, reply: FastifyReply, payload: unknown, done: Done) => void,
  ): unknown
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
/** What nginx calls it where whoever asked went away before there was an answer. */
const CALLER_GONE = '499'
const MS_PER_SECOND = 1000

/**
 * Times every request of an app by its route, those too that nobody waited for to the end: they may be the slowest. To
 * be called before other hooks are added, which may refuse a request.
 */
export function measureRequests(app: MeasuredApp, metrics: Metrics | undefined): void {
  if (!metrics) return
  const took = metrics.timed('http_server_request_duration_seconds')
  /** When the answer of an event stream began. */
  const begun = new WeakMap<FastifyRequest, number>()
  app.addHook('onSend', (request, reply, _payload, done) => {
    if (String(reply.getHeader('content-type')).startsWith('text/event-stream')) {
      begun.set(request, systemClock.monotonicMs())
    }
    done()
  })
  app.addHook('onRequest', (request, { raw }, done) => {
    const startedMs = systemClock.monotonicMs()
    raw.once('close', () => {
      const begunMs = begun.get(request)
      const isAnswered = begunMs !== undefined || raw.writableFinished
      took(((begunMs ?? systemClock.monotonicMs()) - startedMs) / MS_PER_SECOND, {
        http_request_method: methods.has(request.method) ? request.method : '_OTHER',
        http_route: request.routeOptions.url ?? 'none',
        http_response_status_code: isAnswered ? String(raw.statusCode) : CALLER_GONE,
      })
    })
    done()
  })
}

/** What /health/ready says: why the service is not ready, and what it lacks. */
export function readStanding(
  metrics: Metrics | undefined,
  standing: () => { readonly reason: string | undefined; readonly trouble: string | undefined },
): void {
  metrics?.read((tell: Tell) => {
    const { reason, trouble } = standing()
    tell('micropay_ready', reason === undefined ? 1 : 0)
    tell('micropay_trouble', (reason ?? trouble) === undefined ? 0 : 1)
  })
}
