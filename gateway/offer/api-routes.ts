import { METHODS } from 'node:http'
import type { Clock } from '@micropay/runtime/clock'
import { forTheCaller, lacksScope, ProblemError } from '@micropay/runtime/http'
import type { Traffic } from '@micropay/schemas/api/traffic'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Authenticator } from '../authenticate/authenticate.ts'
import { type Forwarder, tooLargeFor } from '../forward/forward.ts'
import { createRateLimit } from '../limit/token-bucket.ts'
import { methodsByPath, type Route, routes } from '../routes.ts'

export type ApiOptions = {
  readonly authenticator: Authenticator
  readonly forwarder: Forwarder
  readonly clock: Clock
  readonly rateLimitPerSecond: number
  /** GET /v1/traffic, the one route that the gateway answers itself. */
  readonly traffic: () => Promise<Traffic>
}

/**
 * Registers every route of the table: who calls, whether they may, how often, and only then is the body read and
 * forwarded.
 */
export function addApiRoutes(app: FastifyInstance, options: ApiOptions): void {
  const limit = limiter(options.rateLimitPerSecond, options.clock)
  for (const method of METHODS) {
    if (method !== 'CONNECT' && !app.supportedMethods.includes(method)) app.addHttpMethod(method)
  }
  app.register(async (small) => {
    for (const route of routes) if (route.flow !== 'upload') addRoute(small, route, options, limit)
  })
  app.register(async (uploads) => {
    uploads.removeAllContentTypeParsers()
    uploads.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    for (const route of routes) if (route.flow === 'upload') addRoute(uploads, route, options, limit)
  })
  for (const [path, offered] of methodsByPath(routes)) refuseOtherMethods(app, path, offered)
}

function addRoute(app: FastifyInstance, route: Route, options: ApiOptions, limit: Limiter): void {
  const { authenticator, forwarder } = options
  app.route({
    method: route.method,
    exposeHeadRoute: false,
    url: route.path,
    ...(route.bodyLimitBytes > 0 ? { bodyLimit: route.bodyLimitBytes } : {}),
    onRequest: async (request, reply) => {
      reply.headers(forTheCaller)
      await authenticator.authenticate(request, reply)
      if (!route.scopes.some((scope) => request.caller.scopes.has(scope))) throw lacksScope(route.scopes, request)
      limit(request, reply)
      if (Number(request.headers['content-length']) > route.bodyLimitBytes && route.method === 'POST') {
        throw new ProblemError('body_too_large', tooLargeFor(route), { headers: { connection: 'close' } })
      }
    },
    handler: (request, reply) =>
      route.upstream === 'gateway' ? options.traffic() : forwarder.forward(route, request, reply),
  })
}

type Limiter = (request: FastifyRequest, reply: FastifyReply) => void

/** Counts for each person and client apart. Headers by draft-ietf-httpapi-ratelimit-headers. */
function limiter(perSecond: number, clock: Clock): Limiter {
  if (perSecond === 0) return () => {}
  const take = createRateLimit(perSecond, clock.monotonicMs)
  const policy = `"default";q=${perSecond};w=1`
  return (request, reply) => {
    const { tenant, client, subject } = request.caller
    const { allowed, remaining, resetSeconds } = take(`${tenant} ${client} ${subject}`)
    reply.headers({ 'ratelimit-policy': policy, ratelimit: `"default";r=${remaining};t=${resetSeconds}` })
    if (allowed) return
    const detail = `at most ${perSecond} requests a second are taken from one caller: wait, or send batches`
    throw new ProblemError('rate_limited', detail, { headers: { 'retry-after': String(resetSeconds) } })
  }
}

function refuseOtherMethods(app: FastifyInstance, path: string, offered: readonly string[]): void {
  const others = app.supportedMethods.filter((method) => !offered.includes(method))
  const allow = offered.join(', ')
  app.route({
    method: others,
    url: path,
    onRequest: async (request) => {
      throw new ProblemError('method_not_allowed', `${request.method} is not offered here, ${allow} is`, {
        headers: { allow },
      })
    },
    handler: async () => undefined,
  })
}
