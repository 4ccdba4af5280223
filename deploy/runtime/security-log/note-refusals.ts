import type { Caller } from '@micropay/schemas/api/token'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { SecurityLog } from './security-log.ts'

type App = {
  addHook(name: 'onResponse', hook: (request: FastifyRequest, reply: FastifyReply) => Promise<void>): unknown
}

/** The one who calls, where a token was found good: and only then. */
export type KnownCaller = Partial<Pick<Caller, 'subject' | 'client' | 'tenant'>>

/** Notes every 401, 403 and 429 with who asked, from where and for what. Bodies, ids and tokens are not looked at. */
export function noteRefusals(app: App, security: Pick<SecurityLog, 'note'>): void {
  app.addHook('onResponse', async (request, reply) => {
    const { statusCode: status } = reply
    if (status !== 401 && status !== 403 && status !== 429) return
    // A page asks who has signed in before anybody has.
    if (status === 401 && request.routeOptions.url === '/session') return
    security.note({ event: status === 429 ? 'limited' : 'refused', ...askedBy(request), status })
  })
}

/** What an event says of a request. */
export function askedBy(request: FastifyRequest) {
  const { caller, problem }: { caller?: KnownCaller; problem?: string | undefined } = request
  return {
    ...{ subject: caller?.subject, client: caller?.client, tenant: caller?.tenant },
    ...{ address: request.ip, method: request.method, route: request.routeOptions.url },
    ...{ problem, traceId: request.id },
  }
}
