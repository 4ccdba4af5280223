import { BatchPayment, RefundPayment } from '@micropay/schemas/api/payment'
import type { PaymentId } from '@micropay/schemas/identifiers'
import { postingsOf } from '@micropay/schemas/log/payment-versions'
import { withoutHiding } from '@micropay/schemas/text'
import type { PaymentToSend } from '@micropay/sdk/import-source'
import type { z } from 'zod'
import type { OldPayment } from './old-payments.ts'

/** The metadata under which a moved payment keeps its id of before, and when it was booked then. */
export const PREVIOUS_ID = 'previousId'
export const PREVIOUS_BOOKED_AT = 'previousBookedAt'

export type RefundToSend = { readonly idempotencyKey: string } & z.input<typeof RefundPayment>

/** What the new ledger is asked for. */
export type PaymentRequest =
  | { readonly kind: 'payment'; readonly body: PaymentToSend }
  /** `of`: the old id of what it gives back. */
  | { readonly kind: 'refund'; readonly of: PaymentId; readonly body: RefundToSend }

/** What a request cannot say of a payment as it was. */
export type Loss = 'text' | 'previous' | 'assertion'

export type RequestOptions = {
  readonly keyOf: (what: string) => string
  /** Whether the order of before is kept so exactly that balances which were asserted hold again. */
  readonly keepsAssertions: boolean
}

/**
 * The request that books a payment anew: the same one each time, under a key of its own, so that it is booked once.
 * `losses` are told before anything is sent.
 */
export function requestFor(
  payment: OldPayment,
  { keyOf, keepsAssertions }: RequestOptions,
): { readonly request: PaymentRequest; readonly losses: ReadonlySet<Loss> } {
  const losses = new Set<Loss>()
  const { legs, effectiveAt, reverses } = payment
  const text = (value: string | undefined) => taken(value, losses)
  const idempotencyKey = keyOf(payment.id)
  const metadata = metadataOf(payment, losses)
  const said = { effectiveAt: new Date(effectiveAt).toISOString(), ...(metadata ? { metadata } : {}) }
  const [reference, description] = [text(payment.texts.reference), text(payment.texts.description)]
  const postings = postingsOf(legs)
  if (reverses) {
    const body = { idempotencyKey, reason: description ?? 'refund', ...said, ...partOf(payment) }
    return { request: { kind: 'refund', of: reverses, body }, losses }
  }
  const asserted = legs.map(({ account, amount, currency, stands }) => {
    if (stands === undefined) return { account, amount, currency }
    if (keepsAssertions) return { account, amount, currency, stands }
    losses.add('assertion')
    return { account, amount, currency }
  })
  const moved = postings && legs.every(({ stands }) => stands === undefined) ? { postings } : { legs: asserted }
  const body: PaymentToSend = {
    ...{ idempotencyKey, ...moved, ...said },
    ...(reference === undefined ? {} : { reference }),
    ...(description === undefined ? {} : { description }),
  }
  return { request: { kind: 'payment', body }, losses }
}

/**
 * How much of a payment goes back, said so that the same legs come of it: a part between two accounts is an amount,
 * pairs come of all that is left, and other legs are named.
 */
function partOf({ legs }: OldPayment) {
  const [only, ...more] = postingsOf(legs) ?? []
  if (only && more.length === 0) return { amount: only.amount }
  if (legs.some(({ pair }) => pair !== undefined)) return {}
  return { legs: legs.map(({ account, amount, currency }) => ({ account, amount, currency })) }
}

const MOST_ENTRIES = 20

/** A ledger that was moved before says the newest id first. */
function metadataOf({ id, bookedAt, texts }: OldPayment, losses: Set<Loss>) {
  const kept = Object.entries(texts.metadata ?? {}).map(([name, value]) => [name, taken(value, losses) ?? ''] as const)
  const entries = new Map(kept)
  for (const [name, value] of [
    [PREVIOUS_ID, id],
    [PREVIOUS_BOOKED_AT, bookedAt],
  ] as const) {
    const before = entries.get(name)
    if (before === undefined && entries.size >= MOST_ENTRIES) losses.add('previous')
    else entries.set(name, before === undefined ? value : `${value} ${before}`)
  }
  return entries.size === 0 ? undefined : Object.fromEntries(entries)
}

/** Ledgers hold texts that were written before it was refused what hides or cannot be stored. */
export function taken(text: string | undefined, losses?: Set<Loss>): string | undefined {
  if (text === undefined) return undefined
  const plain = withoutHiding(text).replace(/[\p{Cc}\p{Cs}]/gu, ' ')
  if (plain !== text) losses?.add('text')
  return plain.trim() === '' ? undefined : plain
}

/** What the new ledger would not even read of a request; undefined for nothing. */
export function faultIn(request: PaymentRequest): string | undefined {
  const { idempotencyKey: _, ...refund } = { ...request.body }
  const parsed = request.kind === 'payment' ? BatchPayment.safeParse(request.body) : RefundPayment.safeParse(refund)
  const [issue] = parsed.error?.issues ?? []
  return issue && `/${issue.path.join('/')} ${issue.message}`
}
