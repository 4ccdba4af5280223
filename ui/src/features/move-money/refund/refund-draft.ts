import type { PaymentWithRefunds } from '@micropay/schemas/api/payment'
import type { RefundRequest } from '../../../data/payments/refund-payment.ts'
import { readAmount } from '../../../money/read-amount.ts'

/** The form of a refund: amounts as they were typed, in major units. */
export type RefundDraft = {
  readonly share: 'whole' | 'part'
  readonly amount: string
  /** Of a payment with more than two accounts: by account, what goes back from it or comes back to it. */
  readonly amounts: Readonly<Record<string, string>>
  readonly reason: string
}

export const nothingYet: RefundDraft = { share: 'whole', amount: '', amounts: {}, reason: '' }

export type RefundErrors = {
  readonly amount?: string | undefined
  readonly reason?: string | undefined
  readonly amounts?: Readonly<Record<string, string>>
}

export type RefundRead =
  | { readonly kind: 'ready'; readonly request: RefundRequest }
  | { readonly kind: 'incomplete'; readonly errors: RefundErrors }

type Refundable = Pick<PaymentWithRefunds, 'paymentId' | 'refundable'>

/** Whether a part is said account by account: between two accounts one amount says it all. */
export function isSplit({ refundable }: Pick<Refundable, 'refundable'>): boolean {
  return refundable.length > 2
}

/** What the draft asks for, or what is missing where. How much is left is for the ledger to say. */
export function readRefund(draft: RefundDraft, payment: Refundable, locale?: string): RefundRead {
  const { paymentId, refundable } = payment
  const reason = draft.reason.trim()
  const wrong: RefundErrors = reason === '' ? { reason: 'Say why: it stays in the ledger with the refund.' } : {}
  if (draft.share === 'whole') {
    return reason === '' ? { kind: 'incomplete', errors: wrong } : { kind: 'ready', request: { paymentId, reason } }
  }
  if (isSplit(payment)) return readLegs(draft, payment, reason, wrong, locale)
  const read = readAmount(draft.amount, refundable[0]?.currency ?? '', locale)
  if (read.kind === 'amount' && reason !== '') {
    return { kind: 'ready', request: { paymentId, reason, amount: read.minor.toString() } }
  }
  const amount = read.kind === 'wrong' ? read.why : read.kind === 'empty' ? 'Type how much to give back.' : undefined
  return { kind: 'incomplete', errors: { ...wrong, amount } }
}

/** Each account moves the other way than the payment moved it; one that is left empty does not move. */
function readLegs(
  draft: RefundDraft,
  { paymentId, refundable }: Refundable,
  reason: string,
  wrong: RefundErrors,
  locale: string | undefined,
): RefundRead {
  const amounts: Record<string, string> = {}
  const legs = refundable.flatMap(({ account, amount, currency }) => {
    const read = readAmount(draft.amounts[account] ?? '', currency, locale)
    if (read.kind === 'wrong') amounts[account] = read.why
    if (read.kind !== 'amount') return []
    return [{ account, currency, amount: (amount.startsWith('-') ? read.minor : -read.minor).toString() }]
  })
  const isWrong = Object.keys(amounts).length > 0
  if (legs.length > 0 && reason !== '' && !isWrong) return { kind: 'ready', request: { paymentId, reason, legs } }
  const amount = legs.length === 0 && !isWrong ? 'Type how much goes back, and where from.' : undefined
  return { kind: 'incomplete', errors: { ...wrong, amount, amounts } }
}
