import type { Payment } from '@micropay/schemas/payment'

export type Movement = {
  readonly words: 'To' | 'From' | 'Between your accounts, to'
  readonly counterparty: string
  /** Signed, from the side of one's own accounts; without a sign for what was refused or stayed inside. */
  readonly amountMinor: string
  /** Whether one's own accounts hold more or less after it, together. */
  readonly moved: boolean
  readonly currency: string
}

/** A payment as the owner of some accounts sees it, in the currency of its first posting. */
export function movementOf(payment: Pick<Payment, 'postings' | 'status'>, own: ReadonlySet<string>): Movement {
  const first = payment.postings[0]
  if (!first) return { words: 'To', counterparty: 'nobody', amountMinor: '0', moved: false, currency: 'EUR' }
  const alike = payment.postings.filter((posting) => posting.currency === first.currency)
  const sum = (amounts: readonly string[]) => amounts.reduce((total, amount) => total + BigInt(amount), 0n)
  const outMinor = sum(alike.filter((posting) => own.has(posting.from)).map((posting) => posting.amount))
  const inMinor = sum(alike.filter((posting) => own.has(posting.to)).map((posting) => posting.amount))
  const inside = alike.every((posting) => own.has(posting.from) && own.has(posting.to))
  const incoming = inMinor > outMinor
  const others = new Set(
    payment.postings.map((posting) => (incoming ? (posting.fromName ?? posting.from) : (posting.toName ?? posting.to))),
  )
  const amountMinor = payment.status === 'rejected' || inside ? outMinor || inMinor : inMinor - outMinor
  return {
    words: inside ? 'Between your accounts, to' : incoming ? 'From' : 'To',
    counterparty: others.size === 1 ? [...others].join('') : `${others.size} accounts`,
    amountMinor: amountMinor.toString(),
    moved: payment.status === 'posted' && !inside,
    currency: first.currency,
  }
}
