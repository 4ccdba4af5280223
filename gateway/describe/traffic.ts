import type { Traffic } from '@micropay/schemas/api/traffic'
import { upstreamHealth } from '../forward/upstream-health.ts'
import type { Upstream } from '../forward/upstreams.ts'
import type { SharedMemory } from '../share/shared-memory.ts'

/** What this gateway sends to each service, what each says of itself, and whether what gateways share can be had. */
export async function trafficOf(upstreams: readonly Upstream[], memory: SharedMemory): Promise<Traffic> {
  const health = await upstreamHealth(upstreams)
  return {
    upstreams: upstreams.map((upstream) => ({
      name: upstream.name,
      status: health[upstream.name]?.status ?? 'not ready',
      reason: health[upstream.name]?.reason ?? null,
      requestsPerSecond: upstream.answers.perSecond(),
      failuresPerSecond: upstream.failures.perSecond(),
      keptPerSecond: upstream.kept.perSecond(),
      latencyMs: upstream.answers.latencyMs() ?? null,
      waiting: upstream.waiting,
      awaySince: timeOf(upstream.breaker.openSinceMs()),
      instances: upstream.instances().map(({ reason = null, ...each }) => ({ ...each, reason })),
    })),
    sharedMemory: { kind: memory.kind, away: awayOf(memory), failuresPerSecond: memory.failuresPerSecond() },
  }
}

function timeOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString()
}

function awayOf(memory: SharedMemory): NonNullable<Traffic['sharedMemory']>['away'] {
  const away = memory.away()
  return away ? { reason: away.reason, since: new Date(away.sinceMs).toISOString() } : null
}
