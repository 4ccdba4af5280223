import type { Traffic } from '@micropay/schemas/api/traffic'
import type { WorkerStatus } from '@micropay/schemas/api/worker'
import type { Row, Stranger } from '../known-projections.ts'

/** One look at the whole flow; null where it is not known, since somebody did not answer. */
export type FlowSample = {
  readonly atMs: number
  readonly requests: number | null
  readonly reads: number | null
  readonly commits: number | null
  readonly applied: number | null
  readonly lagRecords: number | null
  readonly lagSeconds: number | null
  /** Somebody does not answer, so the lags are what they are at best. */
  readonly lagAtLeast: boolean
  readonly appendP50: number | null
  readonly appendP99: number | null
}

export type Flow = {
  readonly traffic: Traffic | undefined
  readonly workers: readonly WorkerStatus[] | undefined
  readonly statuses: readonly Row[] | undefined
  readonly strangers?: readonly Stranger[] | undefined
}

/**
 * What counts are over all partitions and services: rates add up, lags and latencies are the worst. A figure to which
 * one is missing is none.
 */
export function sampleOf(flow: Flow, atMs: number): FlowSample {
  const { traffic, workers, statuses, strangers = [] } = flow
  const upstreams = traffic?.upstreams
  const live = statuses?.filter(({ state }) => state === 'live')
  const latencies = workers?.flatMap(({ appendLatencyMs }) => appendLatencyMs ?? [])
  const lagAtLeast = silentOf(flow).length > 0
  return {
    atMs,
    requests: sum(upstreams?.map(({ requestsPerSecond }) => requestsPerSecond)),
    reads: sum(upstreams?.filter(isReadSide).map(({ requestsPerSecond }) => requestsPerSecond)),
    commits: sum(workers?.map(({ commitsPerSecond }) => commitsPerSecond)),
    applied: lagAtLeast ? null : most(live?.map(({ ratePerSecond }) => ratePerSecond)),
    lagRecords: strangers.length > 0 ? null : most(live?.map(({ lagRecords }) => lagRecords)),
    lagSeconds: most([...(live ?? []).map(({ lagSeconds }) => lagSeconds), ...strangers.map(({ seconds }) => seconds)]),
    lagAtLeast,
    appendP50: most(latencies?.map(({ p50 }) => p50)),
    appendP99: most(latencies?.map(({ p99 }) => p99)),
  }
}

/** The services whose live projections do not answer, each once. */
export function silentOf({ statuses = [], strangers = [] }: Pick<Flow, 'statuses' | 'strangers'>): readonly string[] {
  const silent = statuses.filter((row) => row.state === 'live' && row.silent !== undefined)
  return [...new Set([...silent, ...strangers].map(({ service }) => service))]
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

/** The largest, or null: one that is not known may be larger than all others. */
function most(values: readonly (number | null)[] | undefined): number | null {
  const known = values?.filter((value) => value !== null)
  return known && known.length > 0 && known.length === values?.length ? Math.max(...known) : null
}
