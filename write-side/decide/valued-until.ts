/**
 * Up to where payments reach into the past: of each tenant the positions of the last payments by value date, as a few
 * steps that rise in both. It says, without a look at any payment, where the last one stands that counts before an
 * instant.
 */
export type ValueSteps = readonly ValueStep[]
/** The last payment whose value date lies in this quarter of an hour, or before it. */
type ValueStep = { readonly quarter: string; readonly seq: number }

/** Old steps are joined: what they say is then never too low, and too high only of what is long past. */
const MOST_STEPS = 16
const QUARTER_MS = 900_000

/** The steps behind one more payment, which is the last one by position. */
export function withPayment(steps: ValueSteps, effectiveAt: string, seq: number): ValueSteps {
  const quarter = quarterOf(effectiveAt)
  if (steps.at(-1)?.quarter === quarter && steps.length <= MOST_STEPS) return steps.with(-1, { quarter, seq })
  const before = steps.filter((step) => step.quarter < quarter)
  const [first, second, ...rest] = before
  const joined = before.length >= MOST_STEPS && first && second ? [{ ...first, seq: second.seq }, ...rest] : before
  return [...joined, { quarter, seq }]
}

/** Where the last payment stands that counts before an instant; 0 where there is none. */
export function lastBefore(steps: ValueSteps, instant: string): number {
  return steps.findLast(({ quarter }) => quarter < instant)?.seq ?? 0
}

/** The beginning of the quarter of an hour, as toISOString writes it; days of all zones end with one. */
function quarterOf(instant: string): string {
  if (instant !== latest.instant) {
    const quarter = new Date(Math.floor(Date.parse(instant) / QUARTER_MS) * QUARTER_MS).toISOString()
    latest = { instant, quarter }
  }
  return latest.quarter
}

/** Payments that are decided together count at the same instant. */
let latest = { instant: '', quarter: '' }
