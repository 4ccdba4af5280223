import type { PaymentWithRefunds } from '@micropay/schemas/api/payment'

/**
 * Whether one may give it back: money goes back from accounts that got it, and of others' accounts only staff are told.
 */
export function canGiveBack({ refundable }: Pick<PaymentWithRefunds, 'refundable'>): boolean {
  return refundable.some(({ amount }) => !amount.startsWith('-'))
}
