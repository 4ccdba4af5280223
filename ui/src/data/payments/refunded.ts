import type { Payment, PaymentWithRefunds } from '@micropay/schemas/api/payment'
import { movedBy } from '../../money/totals.ts'

export type Refunded = {
  readonly currency: string
  readonly refundedMinor: string
  readonly leftMinor: string
  readonly movedMinor: string
}

/** Of each currency of a payment that something was given back of: how much, of how much, and what is left. */
export function refundedOf({
  legs,
  refunds,
  refundable,
}: Pick<PaymentWithRefunds, 'legs' | 'refunds' | 'refundable'>): Refunded[] {
  if (refunds.length === 0) return []
  const left = new Map(movedBy(refundable).map(({ currency, minor }) => [currency, BigInt(minor)]))
  return movedBy(legs).map(({ currency, minor }) => {
    const leftMinor = left.get(currency) ?? 0n
    const refundedMinor = (BigInt(minor) - leftMinor).toString()
    return { currency, refundedMinor, leftMinor: leftMinor.toString(), movedMinor: minor }
  })
}

/** What a refund is called where a line has to do: by the reference of what it gives back, if that has one. */
export function refundWords({ reverses, reference }: Pick<Payment, 'reference'> & { reverses: string }): string {
  return `Refund of ${reference ?? reverses}`
}
