import { PaymentAccepted } from '@micropay/schemas/api/payment'
import type { Client, Decided } from '../../api/client.ts'

/** A payment as the browser asks for it: `amount` in minor units. The server's schema decides what is well-formed. */
export type PaymentRequest = {
  readonly postings: readonly {
    readonly from: string
    readonly to: string
    readonly amount: string
    readonly currency: string
  }[]
  readonly reference?: string
  readonly description?: string
}

export function makePayment(client: Client, request: PaymentRequest, key: string): Promise<Decided<PaymentAccepted>> {
  return client.command({ path: '/v1/payments', body: request, idempotencyKey: key, schema: PaymentAccepted })
}

/** Asks what would happen; nothing is appended. */
export function previewPayment(
  client: Client,
  request: PaymentRequest,
  key: string,
): Promise<Decided<PaymentAccepted>> {
  const body = { ...request, dryRun: true }
  return client.command({ path: '/v1/payments', body, idempotencyKey: key, schema: PaymentAccepted })
}
