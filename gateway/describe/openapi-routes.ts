import type { Clock } from '@micropay/runtime/clock'
import type { FastifyInstance } from 'fastify'
import type { Upstream } from '../forward/upstreams.ts'
import type { ByAddress } from '../limit/by-address.ts'
import { routes } from '../routes.ts'
import { mergeOpenApi, type Part } from './openapi.ts'

const FRESH_MS = 30_000
const TIMEOUT_MS = 2000

/**
 * GET /openapi.json: asked of the services when needed, kept for 30 seconds; a service that did not answer is asked
 * again each time.
 */
export function addOpenApiRoute(
  app: FastifyInstance,
  upstreams: readonly Upstream[],
  publicUrl: URL,
  clock: Clock,
  byAddress: ByAddress,
): void {
  const known = new Map<string, { part: Part; atMs: number }>()
  async function partOf(upstream: Upstream): Promise<Part> {
    const held = known.get(upstream.name)
    if (held && clock.monotonicMs() - held.atMs < FRESH_MS) return held.part
    const part = await askFor(upstream)
    if ('document' in part) known.set(upstream.name, { part, atMs: clock.monotonicMs() })
    return part
  }
  app.get('/openapi.json', { onRequest: byAddress.open }, async () => {
    const parts = await Promise.all(upstreams.map(partOf))
    return mergeOpenApi(parts, routes, publicUrl.origin)
  })
}

async function askFor({ name, serves, lanes, prefix }: Upstream): Promise<Part> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const answer = await lanes.health.requests.request({ path: `${prefix}/openapi.json`, method: 'GET', signal })
    if (answer.statusCode === 200) return { name, serves, document: await answer.body.json() }
    await answer.body.dump()
    return { name, missing: `answers ${answer.statusCode}` }
  } catch {
    return { name, missing: 'does not answer' }
  }
}
