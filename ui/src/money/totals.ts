export type Total = { readonly currency: string; readonly minor: string }

/** The sum of the postings, one for each currency, in the order in which they first occur. */
export function totalsOf(postings: readonly { readonly amount: string; readonly currency: string }[]): Total[] {
  const sums = new Map<string, bigint>()
  for (const { amount, currency } of postings) sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(amount))
  return [...sums].map(([currency, minor]) => ({ currency, minor: minor.toString() }))
}
