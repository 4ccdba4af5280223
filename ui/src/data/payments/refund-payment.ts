import type { Client, Decided } from '../../api/client.ts'
import type { RequestedLeg } from './make-payment.ts'
import { PaymentAnswer } from './payment-answer.ts'

/** What is to go back of a payment: all that is left, an amount between its two accounts, or legs. */
export type RefundRequest = {
  readonly paymentId: string
  readonly reason: string
  /** In minor units. */
  readonly amount?: string
  readonly legs?: readonly RequestedLeg[]
  /** When it counts; left out, when it is posted. */
  readonly effectiveAt?: string
}

export function refundPayment(client: Client, request: RefundRequest, key: string): Promise<Decided<PaymentAnswer>> {
  return send(client, request, key, {})
}

/** Asks what would happen; nothing is appended. */
export function previewRefund(client: Client, request: RefundRequest, key: string): Promise<Decided<PaymentAnswer>> {
  return send(client, request, key, { dryRun: true })
}

function send(client: Client, { paymentId, ...asked }: RefundRequest, idempotencyKey: string, more: object) {
  const path = `/v1/payments/${encodeURIComponent(paymentId)}/refund`
  return client.command({ path, body: { ...asked, ...more }, idempotencyKey, schema: PaymentAnswer })
}
