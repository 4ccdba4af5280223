import { type CompareArguments, isRebuild, type MeasureName } from '../arguments.ts'
import { fillLedger } from '../batches.ts'
import type { Defer } from '../clean-up.ts'
import { openEdge } from '../edge.ts'
import { type Ground, sideOf } from '../ground.ts'
import { openAccounts } from '../payments.ts'
import { type Service, startFloor } from '../processes.ts'
import { untilCaughtUp } from '../projections.ts'
import { modelNames, startGateway, startProjection, startWriteSide, untilShared } from '../services.ts'
import { openTelemetry } from '../telemetry.ts'
import { measureSide, projectionName, type Sample, type Side, sendPayments, WORKER } from './measures.ts'

/** What one measure came to: figures of the same index were taken side by side. */
export type Rounds = {
  readonly measure: MeasureName
  /** The constant POST in each round, a second. */
  readonly floor: number[]
  readonly a: Sample[]
  readonly b: Sample[]
  /** Why the figures mean nothing. */
  failure?: string
}

export type Roots = { readonly a: string; readonly b: string }
type Sides = { readonly a: Side; readonly b: Side }

/**
 * The services are started anew after so many rounds, on the state that they left: of two processes of one program
 * one may be slower by some percent for as long as it lives, by how it was compiled and lies in memory, which more
 * rounds would not show. (Kalibera and Jones, Rigorous benchmarking in reasonable time, 2013.)
 */
const ROUNDS_A_START = 3
const WARM_UP_SECONDS = 2

/**
 * Measures two checkouts in turn on the same servers, each on a log and state of its own that grow alike. Which comes
 * first alternates from round to round, so that what drifts meets both alike.
 */
export async function runRounds(
  ground: Ground,
  roots: Roots,
  options: CompareArguments,
  defer: Defer,
): Promise<readonly Rounds[]> {
  const plain = { a: await sideOf(ground, 'a', roots.a), b: await sideOf(ground, 'b', roots.b) }
  const grounds = { a: plain.a, b: { ...plain.b, ...(await moreOf(plain.b, options, defer)) } }
  const floor = await startFloor()
  defer(() => floor.stop())
  const results = options.measures.map((measure): Rounds => ({ measure, floor: [], a: [], b: [] }))
  for (let first = 0; first < options.rounds; first += ROUNDS_A_START) {
    const start = (side: 'a' | 'b') => startSide(side, grounds[side], options, first === 0, defer)
    const sides = { a: await start('a'), b: await start('b') }
    await warmUp(sides, floor, results, options)
    for (let index = first; index < Math.min(first + ROUNDS_A_START, options.rounds); index += 1) {
      process.stderr.write(`${ground.log}: round ${index + 1} of ${options.rounds}\n`)
      await runRound(index, sides, floor, results, options)
    }
    const services = [...Object.values(sides.a.services), ...Object.values(sides.b.services)]
    for (const service of services.reverse()) await service.stop()
  }
  return results
}

/** What B has besides, by the comparison that is asked for. */
async function moreOf(
  ground: Ground,
  { edge, telemetry }: CompareArguments,
  defer: Defer,
): Promise<Pick<Ground, 'edge'>> {
  if (edge) return { edge: await openEdge(ground.directory, defer) }
  return telemetry ? { edge: await openTelemetry(defer) } : {}
}

/** Starts what the measures need; the first time accounts are opened, and for rebuilds the log is filled. */
async function startSide(
  side: 'a' | 'b',
  ground: Ground,
  { measures, payments, following, ...options }: CompareArguments,
  isFresh: boolean,
  defer: Defer,
): Promise<Side> {
  const tokens = { olga: await ground.token('olga'), sam: await ground.token('sam') }
  const services: Record<string, Service> = {}
  const keep = async (name: string, starting: Promise<Service>) => {
    const service = await starting
    defer(() => service.stop())
    services[name] = service
    return service
  }
  const partitions = options.partitions[side]
  const first = await keep('write-side', startWriteSide(ground, partitions))
  const workers = options.workers?.[side] ?? 1
  for (let nth = 2; nth <= workers; nth += 1) {
    await keep(`${WORKER}${nth}`, startWriteSide(ground, partitions, nth))
  }
  if (workers > 1) await untilShared(first, workers)
  const { url } = first
  const asksGateway = measures.includes('gateway') || options.workers !== undefined
  const gateway = asksGateway ? await keep('gateway', startGateway(ground, url)) : undefined
  // Who has no certificate comes by the gateway.
  if (isFresh) await openAccounts(ground.edge && gateway ? gateway.url : url, tokens.olga)
  const models = measures.filter(isRebuild)
  if (isFresh && models.length > 0) await fillLedger({ url, token: tokens.olga }, payments)
  let records = 0
  for (const model of models) {
    const projection = await keep(projectionName(model), startProjection(ground, model))
    records = await untilCaughtUp(projection, tokens.sam)
  }
  if (following) for (const model of modelNames) await keep(projectionName(model), startProjection(ground, model))
  return { ground, services, tokens, records }
}

/** A rebuild is warmed up by being done once; it takes as long as it takes. */
async function warmUp(
  sides: Sides,
  floor: Service,
  results: readonly Rounds[],
  { connections, ...options }: CompareArguments,
): Promise<void> {
  const load = { seconds: WARM_UP_SECONDS, connections, ...placesOf(options) }
  await sendPayments(floor.url, sides.a.tokens.olga, load)
  for (const result of results) {
    await unlessFailed(result, 'A, warming up', () => measureSide(result.measure, sides.a, load))
    await unlessFailed(result, 'B, warming up', () => measureSide(result.measure, sides.b, load))
  }
}

async function runRound(
  index: number,
  sides: Sides,
  floor: Service,
  results: readonly Rounds[],
  { seconds, connections, ...options }: CompareArguments,
): Promise<void> {
  const load = { seconds, connections, ...placesOf(options) }
  const { perSecond } = await sendPayments(floor.url, sides.a.tokens.olga, { seconds: 1, connections })
  const order = index % 2 === 0 ? (['a', 'b'] as const) : (['b', 'a'] as const)
  for (const result of results) {
    result.floor.push(perSecond)
    for (const side of order) {
      const sample = await unlessFailed(result, side.toUpperCase(), () =>
        measureSide(result.measure, sides[side], load),
      )
      if (sample) result[side].push(sample)
    }
  }
}

function placesOf({ partitions, workers }: Pick<CompareArguments, 'partitions' | 'workers'>) {
  return { placedBy: Math.max(partitions.a, partitions.b), byGateway: workers !== undefined }
}

/** A measure that failed once is not taken again. */
async function unlessFailed<T>(result: Rounds, where: string, measure: () => Promise<T>): Promise<T | undefined> {
  if (result.failure !== undefined) return undefined
  try {
    return await measure()
  } catch (error) {
    result.failure = `${where}: ${error instanceof Error ? error.message : String(error)}`
    return undefined
  }
}
