import type { AcrossVerification } from '@micropay/schemas/api/across'
import { betweenOf, type Followed } from './followed.ts'

export type UnderWay = AcrossVerification['underWay']

/** So many sums are told, between which partitions money is under way. */
const MOST_SUMS = 100

/** What is not over yet of these payments, and since when. */
export function summarise(payments: Iterable<Followed>): UnderWay {
  let [count, oldest] = [0, undefined as Followed | undefined]
  const sums = new Map<string, { minor: bigint; payments: number }>()
  for (const followed of payments) {
    count += 1
    if (!oldest || followed.since < oldest.since) oldest = followed
    for (const [between, minor] of followed.passed) {
      if (minor === 0n) continue
      const sum = sums.get(between) ?? { minor: 0n, payments: 0 }
      sums.set(between, { minor: sum.minor + minor, payments: sum.payments + 1 })
    }
  }
  const between = [...sums].sort(([one], [other]) => one.localeCompare(other, 'en', { numeric: true }))
  return {
    payments: count,
    oldest: oldest ? { paymentId: oldest.payment, since: oldest.since } : null,
    sums: between.slice(0, MOST_SUMS).map(([key, { minor, payments: of }]) => {
      const { partitions, currency } = betweenOf(key)
      return { between: [...partitions], currency, amount: minor.toString(), payments: of }
    }),
  }
}
