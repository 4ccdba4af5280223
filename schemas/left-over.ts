/**
 * What a payment's legs do not give to others of what they take, in minor units, by currency; nothing where they
 * balance. Amounts are signed integer strings.
 */
export function leftOver(legs: readonly { readonly amount: string; readonly currency: string }[]): [string, bigint][] {
  const currency = legs[0]?.currency
  if (currency !== undefined && legs.every((leg) => leg.currency === currency)) {
    const sum = legs.reduce((all, { amount }) => all + BigInt(amount), 0n)
    return sum === 0n ? [] : [[currency, sum]]
  }
  const sums = new Map<string, bigint>()
  for (const { amount, currency } of legs) sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(amount))
  return [...sums].filter(([, sum]) => sum !== 0n)
}

/**
 * Whether more was given back of a payment than it moved on an account: old logs can hold that, and nothing more is
 * given back of such a payment, nor back to where it came from. `left` is what it moved less what was given back.
 */
export function isGivenBackBeyond(moved: bigint, left: bigint): boolean {
  return left > 0n ? moved <= 0n : left < 0n && moved >= 0n
}
