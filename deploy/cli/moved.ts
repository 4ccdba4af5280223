import type { Commit } from '@micropay/schemas/log/commit'
import type { Leg } from '@micropay/schemas/log/payment-legs'
import { postingsOf } from '@micropay/schemas/log/payment-versions'
import { formatMinor, isCurrencyCode } from '@micropay/schemas/money'

/**
 * One posting of a payment; of one without postings one leg, which has one side alone. `amount` is in minor units,
 * above zero.
 */
export type Moved = {
  readonly paymentId: string
  readonly from?: string
  readonly to?: string
  readonly amount: string
  readonly currency: string
}

export function movedBy({ events }: Commit): Moved[] {
  return events.flatMap((event) => {
    if (event.type !== 'PaymentPosted' && event.type !== 'LegsPosted') return []
    const { paymentId, legs } = event.data
    const moved = postingsOf(legs) ?? legs.filter(({ amount }) => amount !== '0').map(sideOf)
    return moved.map((each) => ({ paymentId, ...each }))
  })
}

function sideOf({ account, amount, currency }: Leg) {
  return amount.startsWith('-')
    ? { from: account, amount: amount.slice(1), currency }
    : { to: account, amount, currency }
}

/** `pay-0-7: ada to ben, 12.50 EUR`; of a leg `pay-0-7: from ada, 12.50 EUR`. */
export function movedText({ paymentId, from, to, amount, currency }: Moved): string {
  const where = from && to ? `${from} to ${to}` : from ? `from ${from}` : `to ${to}`
  return `${paymentId}: ${where}, ${sumText(currency, BigInt(amount))}`
}

/** A currency that is none any more has no digits that we know. */
export function sumText(currency: string, minor: bigint): string {
  return isCurrencyCode(currency)
    ? `${formatMinor(minor, currency)} ${currency}`
    : `${minor} minor units of ${currency}`
}
