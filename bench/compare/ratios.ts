import { isPlaced, type MeasureName } from '../arguments.ts'
import { LOAD_GENERATOR } from '../cpu/with-cpu.ts'
import type { Sample } from './measures.ts'
import { differenceOf } from './paired.ts'
import type { Rounds } from './rounds.ts'
import { CONFIDENCE } from './verdict.ts'

/** Those whose ratio of B to A is judged. */
const isJudged = (measure: MeasureName) => isPlaced(measure) || measure === 'gateway'

/** What is set beside what: of the samples that have the same index, taken in one round, each over its base. */
type Ratio = { readonly name: string; readonly of: readonly Sample[]; readonly base: readonly Sample[] }

/**
 * A Markdown table of the ratios that partitions are judged by: B to A, and on each side payments across partitions to
 * those inside. Undefined where none of them was measured.
 */
export function ratioTable(results: readonly Rounds[]): string | undefined {
  const rows = ratiosOf(results.filter(({ failure }) => failure === undefined)).map((ratio) => {
    const [rate, cpu] = [ratioBy(ratio, ({ perSecond }) => perSecond), ratioBy(ratio, allCpu)]
    return `| ${ratio.name} | ${rate} | ${cpu} |`
  })
  if (rows.length === 0) return undefined
  return ['| ratio | of rates | of CPU a payment, of product and stores |', '| --- | ---: | ---: |', ...rows].join('\n')
}

function ratiosOf(results: readonly Rounds[]): Ratio[] {
  const placed = results.filter(({ measure }) => isPlaced(measure))
  const besides = results
    .filter(({ measure }) => isJudged(measure))
    .map(({ measure, a, b }) => ({ name: `${measure}: B to A`, of: b, base: a }))
  const [inside, across] = ['inside', 'across'].map((name) => placed.find(({ measure }) => measure === name))
  if (!inside || !across) return besides
  const ofSide = (side: 'a' | 'b') => ({
    name: `${side.toUpperCase()}: across to inside`,
    of: across[side],
    base: inside[side],
  })
  return [...besides, ofSide('a'), ofSide('b')]
}

/** With the interval that it has by itself; nothing where it is not known of all. */
function ratioBy({ of, base }: Ratio, figure: (sample: Sample) => number): string {
  const [above, below] = [of.map(figure), base.map(figure)]
  if (above.length === 0 || ![...above, ...below].every((value) => value > 0)) return ''
  const { ratio, low, high } = differenceOf(below, above, CONFIDENCE)
  return Number.isFinite(high)
    ? `${ratio.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`
    : `${ratio.toFixed(2)} (too few rounds for bounds)`
}

function allCpu({ cpuMicros = {} }: Sample): number {
  const counted = Object.entries(cpuMicros).filter(([name]) => name !== LOAD_GENERATOR)
  return counted.reduce((sum, [, micros]) => sum + micros, 0)
}
