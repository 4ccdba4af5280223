import type { FastifyInstance } from 'fastify'
import { upstreamHealth } from '../forward/upstream-health.ts'
import type { Upstream, Upstreams } from '../forward/upstreams.ts'

/**
 * GET /health/live and /health/ready. With a service down, the others are still worth reaching through this gateway.
 * One that reaches none of them is cut off: another may not be. `trouble` is what it lacks although it is ready.
 */
export function addHealthRoutes(
  app: FastifyInstance,
  options: {
    readonly upstreams: Upstreams
    /** All that are asked, those that gateways are not for among them. */
    readonly services: readonly Upstream[]
    /** What each part of the gateway lacks, undefined where that is nothing. */
    readonly troubles: readonly (() => string | undefined)[]
    readonly isEnding: () => boolean
  },
): void {
  const { upstreams, services, troubles, isEnding } = options
  app.get('/health/live', async () => ({ status: 'live' }))
  app.get('/health/ready', async (_request, reply) => {
    if (isEnding()) return reply.code(503).send({ status: 'not ready', reason: 'this gateway is shutting down' })
    const health = await upstreamHealth(services)
    const cutOff = Object.values(upstreams).every(({ name }) => !health[name]?.reached)
    const reason = 'neither the write side nor any read side answers'
    const said = troubles.map((trouble) => trouble()).filter((trouble) => trouble !== undefined)
    return reply.code(cutOff ? 503 : 200).send({
      status: cutOff ? 'not ready' : 'ready',
      ...(cutOff ? { reason } : {}),
      ...(said.length > 0 ? { trouble: said.join('; ') } : {}),
      upstreams: health,
    })
  })
}
