import type { ProjectionStatus } from '@micropay/schemas/api/projection'
import type { Traffic } from '@micropay/schemas/api/traffic'
import type { WorkerStatus } from '@micropay/schemas/api/worker'

/** One look at the whole flow; null where nobody answered. */
export type FlowSample = {
  readonly atMs: number
  readonly requests: number | null
  readonly reads: number | null
  readonly commits: number | null
  readonly applied: number | null
  readonly lagRecords: number | null
  readonly lagSeconds: number | null
  readonly appendP50: number | null
  readonly appendP99: number | null
}

export type Flow = {
  readonly traffic: Traffic | undefined
  readonly workers: readonly WorkerStatus[] | undefined
  readonly statuses: readonly ProjectionStatus[] | undefined
}

/** What counts are over all partitions and services: rates add up, lags and latencies are the worst. */
export function sampleOf({ traffic, workers, statuses }: Flow, atMs: number): FlowSample {
  const upstreams = traffic?.upstreams
  const live = statuses?.filter(({ state }) => state === 'live')
  const latencies = workers?.flatMap(({ appendLatencyMs }) => appendLatencyMs ?? [])
  return {
    atMs,
    requests: sum(upstreams?.map(({ requestsPerSecond }) => requestsPerSecond)),
    reads: sum(upstreams?.filter(isReadSide).map(({ requestsPerSecond }) => requestsPerSecond)),
    commits: sum(workers?.map(({ commitsPerSecond }) => commitsPerSecond)),
    applied: most(live?.map(({ ratePerSecond }) => ratePerSecond)),
    lagRecords: most(live?.flatMap(({ lagRecords }) => lagRecords ?? [])),
    lagSeconds: most(live?.map(({ lagSeconds }) => lagSeconds)),
    appendP50: most(latencies?.map(({ p50 }) => p50)),
    appendP99: most(latencies?.map(({ p99 }) => p99)),
  }
}

export function isReadSide({ name }: { readonly name: string }): boolean {
  return name !== 'write-side' && !name.startsWith('projections')
}

const KEPT = 180

/** The last three minutes, oldest first. */
export function remember(history: readonly FlowSample[], sample: FlowSample): readonly FlowSample[] {
  return [...history.slice(1 - KEPT), sample]
}

function sum(values: readonly number[] | undefined): number | null {
  return values && values.length > 0 ? values.reduce((total, value) => total + value, 0) : null
}

function most(values: readonly number[] | undefined): number | null {
  return values && values.length > 0 ? Math.max(...values) : null
}
