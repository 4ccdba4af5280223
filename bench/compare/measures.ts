import { isPlaced, isRebuild, type MeasureName, type PlacedMeasure } from '../arguments.ts'
import { BATCH, sendBatches } from '../batches.ts'
import { type WithCpu, withCpu } from '../cpu/with-cpu.ts'
import type { Ground } from '../ground.ts'
import { runLoad } from '../load.ts'
import { runPaced } from '../paced.ts'
import { paymentAt, paymentOf } from '../payments.ts'
import { placedPostings } from '../placed.ts'
import type { Service } from '../processes.ts'
import { rebuild } from '../projections.ts'

/** The services of one side, as they run, by the names of their folders. */
export type Side = {
  readonly ground: Ground
  readonly services: Readonly<Record<string, Service>>
  /** Of one who may book, and of one who may rebuild. */
  readonly tokens: { readonly olga: string; readonly sam: string }
  /** In the log. */
  readonly records: number
}

/** What a round of one side came to; what is answered are payments, or the records of a rebuild. */
export type Sample = WithCpu & {
  readonly answered: number
  readonly perSecond: number
  readonly p50Ms?: number
  readonly p99Ms?: number
}

type Load = {
  readonly seconds: number
  readonly connections: number
  /** The number of partitions that decides what is inside and what is across. */
  readonly placedBy: number
  /** Payments that have a place are sent through the gateway, which knows the worker of each. */
  readonly byGateway: boolean
}

export const PACE_PER_SECOND = 300

export const titleOf: Readonly<Record<MeasureName, string>> = {
  payments: 'payments one by one, straight to the write side',
  gateway: 'the same through the gateway',
  batches: `batches of ${BATCH.toLocaleString('en')}`,
  inside: 'payments inside partitions, straight to the write side, or through the gateway where workers share them',
  across: 'payments across two partitions',
  paced: `payments across two partitions, ${PACE_PER_SECOND} a second`,
  accounts: 'records of a rebuild of accounts, beside the live version',
  reconciliation: 'records of a rebuild of reconciliation, beside the live version',
  audit: 'records of a rebuild of the audit, beside the live version',
}

/** The processes of the product that work on a measure, of those that run. */
export function processesOf(measure: MeasureName, running: readonly string[]): readonly string[] {
  if (isRebuild(measure)) return [projectionName(measure)]
  const following = running.filter((name) => name.startsWith(projectionName('')))
  return [...commandProcesses(measure, running), ...following]
}

/** Of the further workers of a side. */
export const WORKER = 'write-side-'

/** The first one is asked: where a gateway runs for payments that have a place, it knows which worker has that. */
function commandProcesses(measure: MeasureName, running: readonly string[]): readonly string[] {
  const workers = ['write-side', ...running.filter((name) => name.startsWith(WORKER))]
  const asksGateway = measure === 'gateway' || (isPlaced(measure) && running.includes('gateway'))
  return asksGateway ? ['gateway', ...workers] : workers
}

export function projectionName(model: string): string {
  return `projections/${model}`
}

/** Measures one thing on one side for a round; throws when a request fails, since its figure would mean nothing. */
export async function measureSide(measure: MeasureName, side: Side, load: Load): Promise<Sample> {
  const isAsked = (name: string) => name !== 'gateway' || load.byGateway || measure === 'gateway'
  const names = processesOf(measure, Object.keys(side.services).filter(isAsked))
  const pids = Object.fromEntries(names.map((name) => [name, serviceOf(side, name).pid]))
  return withCpu({ ...pids, ...side.ground.stores() }, async () => {
    const { url } = serviceOf(side, names[0] ?? '')
    if (measure === 'batches') return sendBatches({ url, token: side.tokens.olga }, load.seconds)
    if (isPlaced(measure)) return sendPlaced(url, side.tokens.olga, measure, load)
    if (!isRebuild(measure)) return sendPayments(url, side.tokens.olga, load)
    const seconds = await rebuild(serviceOf(side, projectionName(measure)), measure, side.tokens.sam)
    return { answered: side.records, perSecond: side.records / seconds }
  })
}

/** Payments one by one, spread over all accounts; the floor takes the same. */
export async function sendPayments(
  url: string,
  token: string,
  { seconds, connections }: Pick<Load, 'seconds' | 'connections'>,
) {
  const { failed, ...result } = await runLoad({
    url: `${url}/v1/payments`,
    connections,
    durationSeconds: seconds,
    request: paymentAt(token, false),
  })
  if (failed > 0) throw new Error(`${failed} requests failed`)
  return result
}

async function sendPlaced(url: string, token: string, measure: PlacedMeasure, load: Load) {
  const posting = placedPostings(measure === 'inside' ? 'inside' : 'across', load.placedBy)
  const payments = { url: `${url}/v1/payments`, durationSeconds: load.seconds, request: paymentOf(token, posting) }
  const { failed, ...result } =
    measure === 'paced'
      ? await runPaced({ ...payments, perSecond: PACE_PER_SECOND })
      : await runLoad({ ...payments, connections: load.connections })
  if (failed > 0) throw new Error(`${failed} requests failed`)
  return result
}

export function serviceOf({ services }: Pick<Side, 'services'>, name: string): Service {
  const service = services[name]
  if (!service) throw new Error(`${name} was not started`)
  return service
}
