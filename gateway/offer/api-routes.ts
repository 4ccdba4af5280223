import { METHODS } from 'node:http'
import { lacksScope } from '@micropay/runtime/http'
import { ProblemError } from '@micropay/runtime/problem-error'
import { forTheCaller } from '@micropay/runtime/send-problem'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Authenticator } from '../authenticate/authenticate.ts'
import type { Forwarder } from '../forward/forward.ts'
import { tooLargeFor } from '../forward/upload.ts'
import type { Limits } from '../limit/limits.ts'
import { methodsByPath, type Route, routes } from '../routes.ts'

export type ApiOptions = {
  readonly authenticator: Authenticator
  readonly forwarder: Forwarder
  readonly limits: Limits
  /** What the gateway answers itself, by the path of the route. */
  readonly own: Readonly<Record<string, (request: FastifyRequest) => Promise<unknown>>>
}

/**
 * Registers every route of the table: who calls, how often, whether they may, and only then is the body read and
 * forwarded.
 */
export function addApiRoutes(app: FastifyInstance, options: ApiOptions): void {
  for (const method of METHODS) {
    if (method !== 'CONNECT' && !app.supportedMethods.includes(method)) app.addHttpMethod(method)
  }
  app.register(async (small) => {
    for (const route of routes) if (route.flow !== 'upload') addRoute(small, route, options)
  })
  app.register(async (uploads) => {
    uploads.removeAllContentTypeParsers()
    uploads.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    for (const route of routes) if (route.flow === 'upload') addRoute(uploads, route, options)
  })
  for (const [path, offered] of [...methodsByPath(routes), ...ownMethods]) refuseOtherMethods(app, path, offered)
}

const ownPages = [
  ...['/session', '/session/login', '/session/confirm', '/session/callback', '/session/signed-out'],
  '/openapi.json',
]
/** What the gateway offers beside the table (session-routes.ts, sign-out-routes.ts, openapi-routes.ts). */
const ownMethods: readonly (readonly [string, readonly string[]])[] = [
  ...ownPages.map((path) => [path, ['GET']] as const),
  ['/session/logout', ['POST']],
  ['/session/backchannel-logout', ['POST']],
]

function addRoute(app: FastifyInstance, route: Route, options: ApiOptions): void {
  const { forwarder, limits } = options
  const own = options.own[route.path] ?? notOwn(route)
  app.route({
    method: route.method,
    exposeHeadRoute: false,
    url: route.path,
    ...(route.bodyLimitBytes > 0 ? { bodyLimit: route.bodyLimitBytes } : {}),
    onRequest: async (request, reply) => {
      reply.headers(forTheCaller)
      await identify(options, request, reply)
      await limits.byCaller.admit(request, reply)
      if (!route.scopes.some((scope) => request.caller.scopes.has(scope))) throw lacksScope(route.scopes, request)
      if (Number(request.headers['content-length']) > route.bodyLimitBytes && route.method === 'POST') {
        throw new ProblemError('body_too_large', tooLargeFor(route), { headers: { connection: 'close' } })
      }
    },
    ...(route.method === 'POST' ? { preHandler: limits.byCaller.admitDryRun } : {}),
    handler: (request, reply) => {
      return route.upstream === 'gateway' ? own(request) : forwarder.forward(route, request, reply)
    },
  })
}

const notOwn = ({ path, upstream }: Route) => {
  if (upstream === 'gateway') throw new RangeError(`the gateway has no answer for ${path}`)
  return async () => undefined
}

/** Who was refused too often is not looked at again for a moment, since looking is work. */
async function identify(
  { authenticator, limits: { byAddress } }: ApiOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  byAddress.admit(request)
  try {
    await authenticator.authenticate(request, reply)
  } catch (error) {
    await byAddress.refused(request)
    throw error
  }
  byAddress.good(request)
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
