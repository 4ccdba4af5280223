import { parseArgs } from 'node:util'
import type { AttackArguments } from './attack/under-attack.ts'
import type { LogName } from './ground.ts'

export const paymentMeasures = ['payments', 'gateway', 'batches'] as const
/** By which partitions the accounts of a payment live on. */
export const placedMeasures = ['inside', 'across', 'paced'] as const
export const rebuildMeasures = ['accounts', 'reconciliation', 'audit'] as const
export type PaymentMeasure = (typeof paymentMeasures)[number]
export type PlacedMeasure = (typeof placedMeasures)[number]
export type RebuildMeasure = (typeof rebuildMeasures)[number]
export type MeasureName = PaymentMeasure | PlacedMeasure | RebuildMeasure

/** Everything in one run, against floors. */
export type MeasureArguments = {
  readonly kind: 'measure'
  readonly logs: readonly LogName[]
  readonly seconds: number
  readonly connections: readonly number[]
  readonly payments: number
  readonly json: string | undefined
}

/** Two sides against each other: `base` is any git revision, or `.` for the checkout as it stands on both sides. */
export type CompareArguments = {
  readonly kind: 'compare'
  readonly base: string
  readonly logs: readonly LogName[]
  readonly measures: readonly MeasureName[]
  /** Of the ledger of either side. */
  readonly partitions: { readonly a: number; readonly b: number }
  /** That share the partitions of either side; undefined where there is one and it is asked directly. */
  readonly workers: { readonly a: number; readonly b: number } | undefined
  /** Whether the three projections of each side follow meanwhile. */
  readonly following: boolean
  /** Whether B has certificates between services and limits that Redis counts, and A neither. */
  readonly edge: boolean
  /** Whether B tells traces and metrics, and A neither. */
  readonly telemetry: boolean
  /** Of a round. */
  readonly seconds: number
  readonly rounds: number
  readonly connections: number
  /** In the log of either side, for rebuilds. */
  readonly payments: number
  readonly json: string | undefined
}

export type Wanted = MeasureArguments | CompareArguments | AttackArguments | WrongArguments
export type WrongArguments = { readonly kind: 'wrong'; readonly reason: string }

const options = {
  compare: { type: 'string' },
  log: { type: 'string' },
  measure: { type: 'string' },
  partitions: { type: 'string' },
  workers: { type: 'string' },
  following: { type: 'boolean' },
  edge: { type: 'boolean' },
  telemetry: { type: 'boolean' },
  attack: { type: 'boolean' },
  seconds: { type: 'string' },
  rounds: { type: 'string' },
  connections: { type: 'string' },
  payments: { type: 'string' },
  json: { type: 'string' },
} as const

/** Reads the command line: what is to be done, or why it cannot be. */
export function readArguments(args: readonly string[]): Wanted {
  try {
    const { values } = parseArgs({ args: [...args], options })
    if (values.attack) return attackArguments(values)
    return values.compare === undefined ? measureArguments(values) : compareArguments(values, values.compare)
  } catch (error) {
    return { kind: 'wrong', reason: error instanceof Error ? error.message : String(error) }
  }
}

type Flag = 'following' | 'edge' | 'telemetry' | 'attack'
type Values = {
  readonly [option in keyof typeof options]?: (option extends Flag ? boolean : string) | undefined
}

function measureArguments(values: Values): MeasureArguments {
  for (const option of ['measure', 'rounds', 'partitions', 'workers', 'following', 'edge', 'telemetry'] as const) {
    if (values[option] !== undefined) throw new Error(`--${option} goes with --compare BASE`)
  }
  return {
    kind: 'measure',
    logs: logNames(values.log ?? 'kafka,postgres'),
    seconds: wholeNumber('--seconds', values.seconds ?? '8', 1),
    connections: (values.connections ?? '1,16,64,256').split(',').map((text) => wholeNumber('--connections', text, 1)),
    payments: wholeNumber('--payments', values.payments ?? '1000000', 0),
    json: values.json,
  }
}

function compareArguments(values: Values, base: string): CompareArguments {
  if (base === '') throw new Error('--compare takes a git revision, such as main or HEAD~1')
  const partitions = bothSides('--partitions', values.partitions ?? '1', MOST_PARTITIONS)
  const workers = values.workers === undefined ? undefined : bothSides('--workers', values.workers, MOST_WORKERS)
  const { edge = false, telemetry = false } = values
  const usual = values.partitions === undefined ? paymentMeasures : placedMeasures
  const measures = measuresOf(values.measure ?? (edge || telemetry ? 'gateway' : usual.join(',')))
  if (edge && measures.some((measure) => measure !== 'gateway')) throw new Error('--edge measures the gateway alone')
  if (edge && telemetry) throw new Error('--edge and --telemetry are measured one after the other')
  const following = values.following ?? false
  if (following && measures.some(isRebuild)) throw new Error('rebuilds have their projections beside them anyway')
  if (workers && Math.max(workers.a, workers.b) > Math.min(partitions.a, partitions.b)) {
    throw new Error('--workers needs --partitions of at least as many, since each serves some of them')
  }
  if (workers && !measures.every(isPlaced)) throw new Error('--workers measures inside, across and paced alone')
  if (values.payments !== undefined && !measures.some(isRebuild)) throw new Error('--payments goes with rebuilds')
  return {
    kind: 'compare',
    base,
    logs: logNames(values.log ?? 'kafka'),
    measures,
    partitions,
    workers,
    following,
    edge,
    telemetry,
    seconds: wholeNumber('--seconds', values.seconds ?? '2', 1),
    rounds: wholeNumber('--rounds', values.rounds ?? '12', 1),
    connections: wholeNumber('--connections', values.connections ?? '64', 1),
    payments: wholeNumber('--payments', values.payments ?? '100000', 1),
    json: values.json,
  }
}

function attackArguments({ log = 'kafka', seconds = '10', attack: _, ...others }: Values): AttackArguments {
  const [other] = Object.keys(others)
  if (other !== undefined) throw new Error(`--${other} does not go with --attack`)
  return { kind: 'attack', logs: logNames(log), seconds: wholeNumber('--seconds', seconds, 1) }
}

function logNames(text: string): LogName[] {
  return text.split(',').map((name): LogName => {
    if (name === 'kafka' || name === 'postgres') return name
    throw new Error(`--log takes kafka, postgres or both with a comma, not ${name}`)
  })
}

/** `8` for both sides, `1,8` for A and B. */
function bothSides(option: string, text: string, most: number): { a: number; b: number } {
  const [a, b = a, more] = text.split(',').map((each) => wholeNumber(option, each, 1))
  if (a === undefined || b === undefined || more !== undefined || Math.max(a, b) > most) {
    throw new Error(`${option} takes one number up to ${most}, or two with a comma, not ${text}`)
  }
  return { a, b }
}

/** Each needs accounts of its own. */
const MOST_PARTITIONS = 64
const MOST_WORKERS = 8

/**
 * Projections that follow would take their share of the machine from payments, so they are not measured beside
 * them.
 */
function measuresOf(text: string): MeasureName[] {
  const known: readonly MeasureName[] = [...paymentMeasures, ...placedMeasures, ...rebuildMeasures]
  const measures = text.split(',').flatMap((name) => {
    if (name === 'rebuilds') return [...rebuildMeasures]
    const found = known.find((one) => one === name)
    if (found) return [found]
    const some = [...paymentMeasures, ...placedMeasures].join(', ')
    throw new Error(`--measure takes some of ${some} with commas, or rebuilds, not ${name}`)
  })
  if (measures.some(isRebuild) && !measures.every(isRebuild)) throw new Error('--measure rebuilds stands by itself')
  return measures
}

export function isPlaced(measure: MeasureName): measure is PlacedMeasure {
  return placedMeasures.some((name) => name === measure)
}

export function isRebuild(measure: MeasureName): measure is RebuildMeasure {
  return rebuildMeasures.some((name) => name === measure)
}

function wholeNumber(option: string, text: string, least: number): number {
  if (/^[0-9]{1,9}$/.test(text) && Number(text) >= least) return Number(text)
  throw new Error(`${option} takes whole numbers from ${least} on, not ${text}`)
}
