import type { FlowFigures } from '@micropay/schemas/api/history'
import { ProjectionVitals, WorkerVitals } from '@micropay/schemas/api/vitals'
import type { z } from 'zod'
import type { Requests } from '../forward/ask-in-turn.ts'
import type { Upstream } from '../forward/upstreams.ts'

const ANSWERS_WITHIN_MS = 2_000

/** One look at the whole flow. Who does not say makes what is added up of all of them unknown. */
export async function takeSample(services: readonly Upstream[], nowMs: () => number): Promise<FlowFigures> {
  const [workers, projections] = await Promise.all([askWorkers(services), askProjections(services)])
  return sampleOf({ services: services.map(paceOf), workers, projections }, nowMs())
}

type Asked = {
  readonly services: readonly { readonly requestsPerSecond: number; readonly failuresPerSecond: number }[]
  /** Undefined of one that did not say. */
  readonly workers: readonly (WorkerVitals | undefined)[]
  readonly projections: readonly (ProjectionVitals | undefined)[]
}

export function sampleOf({ services, workers, projections }: Asked, atMs: number): FlowFigures {
  const told = said(workers)
  const latencies = workers.flatMap((worker) => worker?.appendLatencyMs ?? [])
  const lags = projections.filter((one) => one !== undefined)
  const all = said(projections)
  return {
    at: new Date(atMs).toISOString(),
    requestsPerSecond: sum(services.map(({ requestsPerSecond }) => requestsPerSecond)),
    failuresPerSecond: sum(services.map(({ failuresPerSecond }) => failuresPerSecond)),
    commitsPerSecond: told ? sum(told.map(({ commitsPerSecond }) => commitsPerSecond)) : null,
    appendLatencyMs:
      latencies.length === 0
        ? null
        : { p50: most(latencies.map(({ p50 }) => p50)) ?? 0, p99: most(latencies.map(({ p99 }) => p99)) ?? 0 },
    appliedPerSecond: all ? most(all.map(({ appliedPerSecond }) => appliedPerSecond)) : null,
    lagRecords: most(lags.map(({ lagRecords }) => lagRecords)),
    lagSeconds: most(lags.map(({ lagSeconds }) => lagSeconds)),
    lagAtLeast: all === undefined,
  }
}

function paceOf({ answers, failures }: Upstream): Asked['services'][number] {
  return { requestsPerSecond: answers.perSecond(), failuresPerSecond: failures.perSecond() }
}

/** Every worker that is known, since each speaks for itself. */
async function askWorkers(services: readonly Upstream[]): Promise<Asked['workers']> {
  const asked = services.flatMap(({ workers, prefix }) => {
    if (!workers) return []
    try {
      return workers
        .of('health')
        .inOrder()
        .map((requests) => askVitals(requests, prefix, WorkerVitals))
    } catch {
      return [undefined]
    }
  })
  return Promise.all(asked)
}

/** One instance of each, since all of them say what stands in their database. */
async function askProjections(services: readonly Upstream[]): Promise<Asked['projections']> {
  const asked = services.filter(({ serves }) => serves === 'projections')
  return Promise.all(asked.map(({ lanes, prefix }) => askVitals(lanes.health.requests, prefix, ProjectionVitals)))
}

async function askVitals<Vitals>(
  requests: Requests,
  prefix: string,
  schema: z.ZodType<Vitals>,
): Promise<Vitals | undefined> {
  try {
    const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS)
    const { statusCode, body } = await requests.request({ path: `${prefix}/vitals`, method: 'GET', signal })
    if (statusCode === 200) return schema.safeParse(await body.json()).data
    await body.dump()
    return undefined
  } catch {
    return undefined
  }
}

/** All of them, or undefined where one did not say, or nobody was asked. */
function said<Vitals>(answers: readonly (Vitals | undefined)[]): readonly Vitals[] | undefined {
  const known = answers.filter((answer) => answer !== undefined)
  return known.length > 0 && known.length === answers.length ? known : undefined
}

function sum(values: readonly number[]): number {
  return Math.round(values.reduce((total, value) => total + value, 0) * 10) / 10
}

/** The largest, or null: one that is not known may be larger than all others. */
function most(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length > 0 && known.length === values.length ? Math.max(...known) : null
}
