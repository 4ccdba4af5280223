export type Total = { readonly currency: string; readonly minor: string }

type Amount = { readonly amount: string; readonly currency: string }

/** The sum of amounts, one for each currency, in the order in which they first occur. */
export function totalsOf(amounts: readonly Amount[]): Total[] {
  const sums = new Map<string, bigint>()
  for (const { amount, currency } of amounts) sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(amount))
  return [...sums].map(([currency, minor]) => ({ currency, minor: minor.toString() }))
}

export type Sides = { readonly currency: string; readonly outMinor: bigint; readonly inMinor: bigint }

/** What leaves accounts by legs and what comes to others, both without a sign, one pair for each currency. */
export function sidesOf(legs: readonly Amount[]): Sides[] {
  const sides = new Map<string, Sides>()
  for (const { amount, currency } of legs) {
    const { outMinor, inMinor } = sides.get(currency) ?? { outMinor: 0n, inMinor: 0n }
    const minor = BigInt(amount)
    const moved = minor < 0n ? { outMinor: outMinor - minor, inMinor } : { outMinor, inMinor: inMinor + minor }
    sides.set(currency, { currency, ...moved })
  }
  return [...sides.values()]
}

/** What a payment moves: its larger side in each currency, since of other people's legs the reader sees none. */
export function movedBy(legs: readonly Amount[]): Total[] {
  return sidesOf(legs).map(({ currency, outMinor, inMinor }) => ({
    ...{ currency, minor: larger(outMinor, inMinor).toString() },
  }))
}

function larger(oneMinor: bigint, otherMinor: bigint): bigint {
  if (oneMinor > otherMinor) return oneMinor
  return otherMinor
}
