import type { Metrics, Tell } from '@micropay/runtime/telemetry/told'
import type { Forwarder } from '../forward/forward.ts'
import { forEachLane, type LaneName } from '../forward/lanes.ts'
import type { Upstream } from '../forward/upstreams.ts'
import type { Limits } from '../limit/limits.ts'
import type { SharedMemory } from '../share/shared-memory.ts'

export type MeasuredGateway = {
  readonly services: readonly Upstream[]
  readonly forwarder: Pick<Forwarder, 'openStreams'>
  readonly limited: Limits['limited']
  readonly memory: Pick<SharedMemory, 'away'>
}

/** What a gateway sends to the services behind it, how they stand, and whom it has refused. */
export function measureGateway(metrics: Metrics | undefined, gateway: MeasuredGateway): void {
  const { services, forwarder, limited, memory } = gateway
  metrics?.read((tell) => {
    for (const service of services) {
      tellLanes(tell, service)
      tellInstances(tell, service)
      tell('micropay_kept_answers_total', service.kept.total(), { upstream: service.name })
    }
    for (const [limit, count] of Object.entries(limited())) tell('micropay_limited_total', count, { limit })
    tell('micropay_shared_memory_up', memory.away() ? 0 : 1)
    tell('micropay_streams_open', forwarder.openStreams())
  })
}

const kinds = Object.keys(forEachLane(() => true)) as readonly LaneName[]

function tellLanes(tell: Tell, { name: upstream, lanes, breaker }: Upstream): void {
  for (const kind of kinds) {
    const labels = { upstream, kind }
    const { most, taken, waiting } = lanes[kind].share.standing()
    tell('micropay_upstream_places', most, labels)
    tell('micropay_upstream_places_used', taken, labels)
    tell('micropay_upstream_waiting', waiting, labels)
    tell('micropay_breaker_open', breaker.isOpen(kind) ? 1 : 0, labels)
  }
}

function tellInstances(tell: Tell, { name: upstream, instances, workers }: Upstream): void {
  for (const { name: address, standing } of instances()) {
    tell('micropay_instance_up', standing === 'well' ? 1 : 0, { upstream, address })
  }
  for (const { name: address, isSilent } of workers?.all() ?? []) {
    tell('micropay_instance_up', isSilent ? 0 : 1, { upstream, address })
  }
}
