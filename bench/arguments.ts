import { parseArgs } from 'node:util'
import type { LogName } from './ground.ts'

export const paymentMeasures = ['payments', 'gateway', 'batches'] as const
export const rebuildMeasures = ['accounts', 'reconciliation', 'audit'] as const
export type PaymentMeasure = (typeof paymentMeasures)[number]
export type RebuildMeasure = (typeof rebuildMeasures)[number]
export type MeasureName = PaymentMeasure | RebuildMeasure

/** Everything in one run, against floors. */
export type MeasureArguments = {
  readonly kind: 'measure'
  readonly logs: readonly LogName[]
  readonly seconds: number
  readonly connections: readonly number[]
  readonly payments: number
  readonly json: string | undefined
}

/** Two commits against each other: `base` is any git revision. */
export type CompareArguments = {
  readonly kind: 'compare'
  readonly base: string
  readonly logs: readonly LogName[]
  readonly measures: readonly MeasureName[]
  /** Of a round. */
  readonly seconds: number
  readonly rounds: number
  readonly connections: number
  /** In the log of either side, for rebuilds. */
  readonly payments: number
  readonly json: string | undefined
}

export type WrongArguments = { readonly kind: 'wrong'; readonly reason: string }

const options = {
  compare: { type: 'string' },
  log: { type: 'string' },
  measure: { type: 'string' },
  seconds: { type: 'string' },
  rounds: { type: 'string' },
  connections: { type: 'string' },
  payments: { type: 'string' },
  json: { type: 'string' },
} as const

/** Reads the command line: what is to be done, or why it cannot be. */
export function readArguments(args: readonly string[]): MeasureArguments | CompareArguments | WrongArguments {
  try {
    const { values } = parseArgs({ args: [...args], options })
    return values.compare === undefined ? measureArguments(values) : compareArguments(values, values.compare)
  } catch (error) {
    return { kind: 'wrong', reason: error instanceof Error ? error.message : String(error) }
  }
}

type Values = { readonly [option in keyof typeof options]?: string | undefined }

function measureArguments(values: Values): MeasureArguments {
  for (const option of ['measure', 'rounds'] as const) {
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
  const measures = measuresOf(values.measure ?? paymentMeasures.join(','))
  if (values.payments !== undefined && !measures.some(isRebuild)) throw new Error('--payments goes with rebuilds')
  return {
    kind: 'compare',
    base,
    logs: logNames(values.log ?? 'kafka'),
    measures,
    seconds: wholeNumber('--seconds', values.seconds ?? '2', 1),
    rounds: wholeNumber('--rounds', values.rounds ?? '12', 1),
    connections: wholeNumber('--connections', values.connections ?? '64', 1),
    payments: wholeNumber('--payments', values.payments ?? '100000', 1),
    json: values.json,
  }
}

function logNames(text: string): LogName[] {
  return text.split(',').map((name): LogName => {
    if (name === 'kafka' || name === 'postgres') return name
    throw new Error(`--log takes kafka, postgres or both with a comma, not ${name}`)
  })
}

/**
 * Projections that follow would take their share of the machine from payments, so they are not measured beside
 * them.
 */
function measuresOf(text: string): MeasureName[] {
  const known: readonly MeasureName[] = [...paymentMeasures, ...rebuildMeasures]
  const measures = text.split(',').flatMap((name) => {
    if (name === 'rebuilds') return [...rebuildMeasures]
    const found = known.find((one) => one === name)
    if (found) return [found]
    throw new Error(`--measure takes some of ${paymentMeasures.join(', ')} with commas, or rebuilds, not ${name}`)
  })
  if (measures.some(isRebuild) && !measures.every(isRebuild)) throw new Error('--measure rebuilds stands by itself')
  return measures
}

export function isRebuild(measure: MeasureName): measure is RebuildMeasure {
  return rebuildMeasures.some((name) => name === measure)
}

function wholeNumber(option: string, text: string, least: number): number {
  if (/^[0-9]{1,9}$/.test(text) && Number(text) >= least) return Number(text)
  throw new Error(`${option} takes whole numbers from ${least} on, not ${text}`)
}
