import type { Client, Decided } from '../../api/client.ts'
import { PaymentAnswer } from './payment-answer.ts'

/**
 * A payment as the browser asks for it, from one account to another or in legs, as many as it takes: `amount` in minor
 * units. The server's schema decides what is well-formed.
 */
export type PaymentRequest = PostingsRequest | LegsRequest

type More = {
  readonly reference?: string
  readonly description?: string
  /** When it counts; left out, when it is posted. */
  readonly effectiveAt?: string
}
export type RequestedPosting = {
  readonly from: string
  readonly to: string
  readonly amount: string
  readonly currency: string
}
export type PostingsRequest = More & { readonly postings: readonly RequestedPosting[] }
export type RequestedLeg = {
  readonly account: string
  /** Below zero for what leaves the account. */
  readonly amount: string
  readonly currency: string
  /** Where the account is to stand behind this leg. */
  readonly stands?: string
}
export type LegsRequest = More & { readonly legs: readonly RequestedLeg[] }

/** The posting of a payment from one account to another; undefined of one of legs. */
export function postingIn(request: PaymentRequest): RequestedPosting | undefined {
  return 'postings' in request ? request.postings[0] : undefined
}

/** The legs of any payment. */
export function legsIn(request: PaymentRequest): readonly RequestedLeg[] {
  if ('legs' in request) return request.legs
  return request.postings.flatMap(({ from, to, amount, currency }) => [
    { account: from, amount: `-${amount}`, currency },
    { account: to, amount, currency },
  ])
}

export function makePayment(client: Client, request: PaymentRequest, key: string): Promise<Decided<PaymentAnswer>> {
  return client.command({ path: '/v1/payments', body: request, idempotencyKey: key, schema: PaymentAnswer })
}

/** Asks what would happen; nothing is appended. */
export function previewPayment(client: Client, request: PaymentRequest, key: string): Promise<Decided<PaymentAnswer>> {
  const body = { ...request, dryRun: true }
  return client.command({ path: '/v1/payments', body, idempotencyKey: key, schema: PaymentAnswer })
}
