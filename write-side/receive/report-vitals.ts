import type { Http } from '@micropay/runtime/http'
import { WorkerVitals } from '@micropay/schemas/api/vitals'
import type { OwnerStatus } from '../handle/owner-status.ts'
import type { PartitionOwner } from '../handle/partition-owner.ts'

/** GET /vitals, for gateways that keep an hour of it: nobody signs in for it, as for /health. */
export function reportVitals(app: Http, { owners }: { readonly owners: readonly Pick<PartitionOwner, 'status'>[] }) {
  app.get('/vitals', { schema: { hide: true, response: { 200: WorkerVitals } } }, async () =>
    vitalsOf(owners.map((owner) => owner.status())),
  )
}

/** Rates add up; of latencies the worst partition's. */
export function vitalsOf(statuses: readonly Pick<OwnerStatus, 'commitsPerSecond' | 'appendLatencyMs'>[]): WorkerVitals {
  const latencies = statuses.flatMap(({ appendLatencyMs }) => appendLatencyMs ?? [])
  return {
    commitsPerSecond: statuses.reduce((sum, { commitsPerSecond }) => sum + commitsPerSecond, 0),
    appendLatencyMs:
      latencies.length === 0
        ? null
        : { p50: Math.max(...latencies.map(({ p50 }) => p50)), p99: Math.max(...latencies.map(({ p99 }) => p99)) },
  }
}
