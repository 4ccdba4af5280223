import { type Payment, PaymentPage } from '@micropay/schemas/api/payment'
import type { Client } from '../../api/client.ts'
import { pathWith } from '../../api/path.ts'
import { type PaymentRequest, postingIn, type RequestedPosting } from './make-payment.ts'

const WITHIN_MS = 24 * 3_600_000

/**
 * A payment of the last 24 hours that moved the same amount between the same accounts: perhaps the one that is about to
 * be made.
 */
export async function findTwin(client: Client, request: PaymentRequest, nowMs: number): Promise<Payment | undefined> {
  const posting = postingIn(request)
  if (!posting) return undefined
  const { from, to, amount } = posting
  const likely = { account: from, counterparty: to, minAmount: amount, maxAmount: amount }
  const path = pathWith('/v1/payments', { ...likely, status: 'posted', direction: 'out', limit: 20 })
  const { value } = await client.read(path, PaymentPage)
  return twinAmong(value.items, posting, nowMs)
}

export function twinAmong(
  payments: readonly Payment[],
  { from, to, amount, currency }: RequestedPosting,
  nowMs: number,
): Payment | undefined {
  return payments.find(
    (payment) =>
      nowMs - Date.parse(payment.decidedAt) < WITHIN_MS &&
      payment.postings?.some(
        (posting) =>
          posting.from === from && posting.to === to && posting.amount === amount && posting.currency === currency,
      ),
  )
}
