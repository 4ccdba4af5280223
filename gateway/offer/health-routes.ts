import type { FastifyInstance } from 'fastify'
import { upstreamHealth } from '../forward/upstream-health.ts'
import type { Upstream } from '../forward/upstreams.ts'

/**
 * /health/live and /health/ready. With a service down, the others are still worth reaching through this gateway. One
 * that reaches none of them is cut off: another may not be.
 */
export function addHealthRoutes(
  app: FastifyInstance,
  gateway: {
    readonly services: readonly Upstream[]
    /** Those without which there is nothing to reach. */
    readonly forwardedTo: readonly Upstream[]
    readonly isEnding: () => boolean
    /** What is wrong although it is worth asking. */
    readonly trouble: () => string | undefined
  },
): void {
  app.get('/health/live', async () => ({ status: 'live' }))
  app.get('/health/ready', async (_request, reply) => {
    if (gateway.isEnding()) {
      return reply.code(503).send({ status: 'not ready', reason: 'this gateway is shutting down' })
    }
    const health = await upstreamHealth(gateway.services)
    const cutOff = gateway.forwardedTo.every(({ name }) => !health[name]?.reached)
    const reason = 'neither the write side nor any read side answers'
    const trouble = gateway.trouble()
    const body = {
      ...{ status: cutOff ? 'not ready' : 'ready', upstreams: health },
      ...(cutOff ? { reason } : {}),
      ...(trouble === undefined ? {} : { trouble }),
    }
    return reply.code(cutOff ? 503 : 200).send(body)
  })
}
