import { isRebuild } from '../arguments.ts'
import { LOAD_GENERATOR } from '../cpu/with-cpu.ts'
import { processesOf, type Sample } from './measures.ts'
import { canTell, type Difference, differenceOf, medianOf } from './paired.ts'
import type { Rounds } from './rounds.ts'

/** A figure of both sides, round by round; `tells` is what more of it means, where a verdict is given at all. */
export type Figure = {
  readonly name: string
  readonly unit: '/s' | 'µs' | 'ms'
  readonly a: readonly number[]
  readonly b: readonly number[]
  readonly tells: 'speed' | 'cost' | 'nothing'
}

/**
 * The figures of one measure: its rate, or at a steady one latency; the CPU a payment of each process of the product
 * and their sum; apart from them the stores and the load generator, of which only the first can differ by what is
 * compared; and latency, which at a fixed number of connections says what the rate says.
 */
export function figuresOf({ measure, a, b }: Rounds): Figure[] {
  const figure = (name: string, unit: Figure['unit'], tells: Figure['tells'], of: (sample: Sample) => number) => {
    const [ofA, ofB] = [a.map(of), b.map(of)]
    const isWhole = [...ofA, ...ofB].every((value) => value > 0)
    return { name, unit, a: ofA, b: ofB, tells: isWhole ? tells : 'nothing' } satisfies Figure
  }
  const cpu = a[0]?.cpuMicros ?? {}
  const own = processesOf(measure, Object.keys(cpu)).filter((name) => cpu[name] !== undefined)
  const stores = Object.keys(cpu).filter((name) => name !== LOAD_GENERATOR && !own.includes(name))
  const cpuOf = (name: string) => (sample: Sample) => sample.cpuMicros?.[name] ?? 0
  const sum = (sample: Sample) => own.reduce((total, name) => total + cpuOf(name)(sample), 0)
  const isSteady = measure === 'paced'
  return [
    figure('rate', '/s', isSteady ? 'nothing' : 'speed', ({ perSecond }) => perSecond),
    ...own.map((name) => figure(`CPU of ${name}`, 'µs', 'cost', cpuOf(name))),
    ...(own.length > 1 ? [figure('CPU of the product, sum', 'µs', 'cost', sum)] : []),
    ...stores.map((name) => figure(`apart: CPU of ${name}`, 'µs', 'cost', cpuOf(name))),
    ...(own.length > 0 ? [figure(`apart: CPU of the ${LOAD_GENERATOR}`, 'µs', 'nothing', cpuOf(LOAD_GENERATOR))] : []),
    ...(a[0]?.p50Ms === undefined
      ? []
      : [
          figure('latency, p50', 'ms', isSteady ? 'cost' : 'nothing', ({ p50Ms }) => p50Ms ?? 0),
          figure('latency, p99', 'ms', isSteady ? 'cost' : 'nothing', ({ p99Ms }) => p99Ms ?? 0),
        ]),
  ]
}

/** All verdicts of a run together are to be right this often. */
export const CONFIDENCE = 0.95

/** The confidence of each of so many verdicts that they are right together (Bonferroni). */
export function confidenceOfEach(verdicts: number): number {
  return 1 - (1 - CONFIDENCE) / Math.max(1, verdicts)
}

/** What can be said of B beside A. */
export function verdictOf({ a, b, tells }: Figure, confidence: number): string {
  if (tells === 'nothing') return ''
  const difference = differenceOf(a, b, confidence)
  if (!Number.isFinite(difference.high)) return 'too few rounds to tell anything'
  if (!canTell(difference)) return `no difference that can be told from noise (${bounds(difference)})`
  const word = tells === 'speed' ? ['faster', 'slower'] : ['more', 'less']
  const [isMore, { ratio, low, high }] = [difference.ratio > 1, difference]
  const [from, to] = isMore ? [low - 1, high - 1] : [1 - high, 1 - low]
  const said = `${percent(Math.abs(ratio - 1))} % ${isMore ? word[0] : word[1]} (${percent(from)} to ${percent(to)} %)`
  return tells === 'speed' ? `**B is ${said}**` : `**B takes ${said}**`
}

/** A Markdown table of what one log gave. */
export function comparisonTable(title: string, results: readonly Rounds[], confidence: number): string {
  const rows = results.flatMap((rounds) => measureRows(rounds, confidence))
  const head = ['| what | A | B | of the floor | B beside A |', '| --- | ---: | ---: | ---: | --- |']
  return [`## ${title}`, '', ...head, ...rows].join('\n')
}

function measureRows(rounds: Rounds, confidence: number): string[] {
  const { measure, failure, floor } = rounds
  if (failure !== undefined) return [`| ${measure} | | | | void: ${failure.replaceAll(/[|\n]/g, ' ')} |`]
  return figuresOf(rounds).map((figure) => {
    const share = (values: readonly number[]) =>
      medianOf(values.map((value, round) => value / (floor[round] ?? Number.NaN))).toFixed(3)
    const ofFloor =
      figure.unit === '/s' && !isRebuild(measure) && measure !== 'paced' ? `${share(figure.a)}, ${share(figure.b)}` : ''
    const cells = [`${measure}: ${figure.name}`, amount(figure, figure.a), amount(figure, figure.b), ofFloor]
    return `| ${[...cells, verdictOf(figure, confidence)].join(' | ')} |`
  })
}

function amount({ unit }: Figure, values: readonly number[]): string {
  const median = medianOf(values)
  return unit === '/s' ? `${Math.round(median).toLocaleString('en')}/s` : `${median.toFixed(1)} ${unit}`
}

function bounds({ low, high }: Difference): string {
  return `${signed(low - 1)} to ${signed(high - 1)} %`
}

function signed(share: number): string {
  return `${share < 0 ? '-' : '+'}${percent(Math.abs(share))}`
}

/** Below 10 % with one digit more, without a zero behind the point. */
function percent(share: number): string {
  return String(Number((share * 100).toFixed(share < 0.0995 ? 1 : 0)))
}
