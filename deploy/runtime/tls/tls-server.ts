import type { RequestListener, Server } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify'
import type { ServiceTls } from './service-tls.ts'

type Factory = (handler: RequestListener, options: FastifyServerOptions) => Server

/** What Fastify asks for its server, with the bounds that it gives those that it makes itself. */
export function tlsServer(tls: Pick<ServiceTls, 'server'>): Factory {
  return (handler, { keepAliveTimeout = 72_000, requestTimeout = 0, connectionTimeout = 0 }) => {
    return Object.assign(tls.server(handler), { keepAliveTimeout, requestTimeout, timeout: connectionTimeout })
  }
}

type App = {
  addHook(name: 'onRequest', hook: (request: FastifyRequest, reply: FastifyReply) => Promise<void>): unknown
}

/** A caller that is not on the list of `callers` is refused with what `refused` makes, in front of all else. */
export function admitCallers(app: App, tls: ServiceTls, refused: (detail: string) => Error): void {
  app.addHook('onRequest', async (request, reply) => {
    // Asked in this process, by whoever answers probes.
    if (!(request.raw.socket instanceof TLSSocket)) return
    const { service, isAllowed, hasEnded } = tls.callerOn(request.raw.socket)
    if (hasEnded) reply.header('connection', 'close')
    if (isAllowed) return
    request.log.warn({ caller: service, path: request.routeOptions.url }, 'a service that may not call was refused')
    throw refused(`${service ?? 'a certificate of no service'} may not call this service`)
  })
}
