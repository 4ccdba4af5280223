import type { Metrics } from '@micropay/runtime/telemetry/told'
import type { FastifyInstance } from 'fastify'
import { upstreamHealth } from '../forward/upstream-health.ts'
import type { Upstream } from '../forward/upstreams.ts'
import type { ByAddress } from '../limit/by-address.ts'

export type HealthOptions = {
  /** A gateway that reaches none of these is cut off. */
  readonly entries: readonly Upstream[]
  readonly services: readonly Upstream[]
  /** What each part of the gateway lacks, undefined where that is nothing. */
  readonly troubles: readonly (() => string | undefined)[]
  readonly isEnding: () => boolean
  readonly byAddress: ByAddress
  readonly metrics?: Metrics | undefined
}

/**
 * GET /health/live and GET /health/ready. With a service down, the others are still worth reaching through this
 * gateway. One that reaches none of them is cut off: another may not be. `trouble` is what it lacks although it is
 * ready.
 */
export function addHealthRoutes(app: FastifyInstance, options: HealthOptions): void {
  const { entries, services, troubles, isEnding, byAddress, metrics } = options
  const look = oneAtATime(() => upstreamHealth(services))
  const standing = async () => {
    const health = await look()
    const said = [...breakerTroubles(services), ...instanceTroubles(services), ...troubles.map((trouble) => trouble())]
    const trouble = said.filter((text) => text !== undefined).join('; ')
    return { health, cutOff: entries.every(({ name }) => !health[name]?.reached), trouble }
  }
  metrics?.ask({
    name: 'upstreams',
    everyMs: LOOKED_EVERY_MS,
    async ask(tell) {
      const { cutOff, trouble } = await standing()
      tell('micropay_ready', cutOff || isEnding() ? 0 : 1)
      tell('micropay_trouble', cutOff || isEnding() || trouble !== '' ? 1 : 0)
    },
  })
  app.get('/health/live', async () => ({ status: 'live' }))
  app.get('/health/ready', { onRequest: byAddress.open }, async (_request, reply) => {
    if (isEnding()) return reply.code(503).send({ status: 'not ready', reason: 'this gateway is shutting down' })
    const { health, cutOff, trouble } = await standing()
    const reason = 'neither the write side nor any read side answers'
    return reply.code(cutOff ? 503 : 200).send({
      status: cutOff ? 'not ready' : 'ready',
      ...(cutOff ? { reason } : {}),
      ...(trouble === '' ? {} : { trouble }),
      upstreams: health,
    })
  })
}

const LOOKED_EVERY_MS = 5_000

function breakerTroubles(services: readonly Upstream[]): readonly string[] {
  return services.flatMap(({ name, breaker }) => {
    const sinceMs = breaker.openSinceMs()
    if (sinceMs === undefined) return []
    return [`${name} does not answer, and is not asked since ${new Date(sinceMs).toISOString()}`]
  })
}

/** Of several; of one alone its breaker says it. */
function instanceTroubles(services: readonly Upstream[]): readonly string[] {
  return services.flatMap(({ name, instances, discovery }) => {
    const all = instances()
    const left = all.length > 1 ? all.filter(({ standing }) => standing !== 'well') : []
    const reasons = left.map((each) => `${name} is asked elsewhere than at ${each.name}: ${each.reason}`)
    return [discovery.trouble() ?? [], reasons].flat()
  })
}

/** Who asks while an answer is being found is given that one. */
function oneAtATime<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let asking: Promise<Answer> | undefined
  return () => {
    asking ??= ask().finally(() => {
      asking = undefined
    })
    return asking
  }
}
