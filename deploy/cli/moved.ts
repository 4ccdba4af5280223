import type { Commit } from '@micropay/schemas/log/commit'
import { formatMinor, isCurrencyCode } from '@micropay/schemas/money'

/** One posting of a payment; `amount` is in minor units. */
export type Moved = {
  readonly paymentId: string
  readonly from: string
  readonly to: string
  readonly amount: string
  readonly currency: string
}

export function movedBy({ events }: Commit): Moved[] {
  return events.flatMap((event) => {
    if (event.type !== 'PaymentPosted') return []
    const { paymentId, postings } = event.data
    return postings.map((posting) => ({ paymentId, ...posting }))
  })
}

/** `pay-0-7: ada to ben, 12.50 EUR`. */
export function movedText({ paymentId, from, to, amount, currency }: Moved): string {
  return `${paymentId}: ${from} to ${to}, ${sumText(currency, BigInt(amount))}`
}

/** A currency that is none any more has no digits that we know. */
export function sumText(currency: string, minor: bigint): string {
  return isCurrencyCode(currency)
    ? `${formatMinor(minor, currency)} ${currency}`
    : `${minor} minor units of ${currency}`
}
