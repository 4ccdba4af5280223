import type { Traffic } from '@micropay/schemas/api/traffic'
import { upstreamHealth } from '../forward/upstream-health.ts'
import type { Upstream } from '../forward/upstreams.ts'

/** What this gateway sends to each service, and what each says of itself. */
export async function trafficOf(upstreams: readonly Upstream[]): Promise<Traffic> {
  const health = await upstreamHealth(upstreams)
  return {
    upstreams: upstreams.map((upstream) => ({
      name: upstream.name,
      status: health[upstream.name]?.status ?? 'not ready',
      reason: health[upstream.name]?.reason ?? null,
      requestsPerSecond: upstream.answers.perSecond(),
      failuresPerSecond: upstream.failures.perSecond(),
      latencyMs: upstream.answers.latencyMs() ?? null,
      waiting: upstream.waiting,
    })),
  }
}
