import type { Leg } from './truth.ts'

export function sumOf(legs: readonly Leg[]): [string, bigint][] {
  const sums = new Map<string, bigint>()
  for (const { amount, currency } of legs) sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(amount))
  return [...sums].filter(([, minor]) => minor !== 0n)
}

export function same(one: readonly Leg[], other: readonly Leg[]): boolean {
  const text = (legs: readonly Leg[]) =>
    legs
      .map(({ account, amount, currency }) => `${account} ${amount} ${currency}`)
      .sort()
      .join()
  return text(one) === text(other)
}

/** What legs come to, on the transit account for a partition. */
export function passed(partition: number, legs: readonly Leg[], times: bigint): Leg[] {
  return sumOf(legs).map(([currency, minor]) => ({
    ...{ account: `transit/${partition}/${currency}`, amount: String(minor * times), currency },
  }))
}
