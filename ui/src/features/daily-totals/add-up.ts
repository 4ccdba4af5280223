import type { DailyTotal } from '@micropay/schemas/api/reconciliation'

/** What came in and went out in one currency over all days that are shown; minor units. */
export type Sum = {
  readonly currency: string
  readonly inMinor: bigint
  readonly outMinor: bigint
  readonly entries: number
}

/** The totals of a list, each currency for itself, by code. */
export function addUp(totals: readonly DailyTotal[]): Sum[] {
  const sums = new Map<string, Sum>()
  for (const { currency, in: inMinor, out: outMinor, entries } of totals) {
    const before = sums.get(currency) ?? { currency, inMinor: 0n, outMinor: 0n, entries: 0 }
    sums.set(currency, {
      currency,
      inMinor: before.inMinor + BigInt(inMinor),
      outMinor: before.outMinor + BigInt(outMinor),
      entries: before.entries + entries,
    })
  }
  return [...sums.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1))
}

/** What is left of what came in. */
export function netOf(total: Pick<DailyTotal, 'in' | 'out'>): bigint {
  return BigInt(total.in) - BigInt(total.out)
}
