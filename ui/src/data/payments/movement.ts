import type { Payment } from '@micropay/schemas/api/payment'

type Seen = Pick<Payment, 'postings' | 'status'>

export type OwnAmount = {
  readonly currency: string
  /** Signed, from the side of one's own accounts; without a sign for what was refused or stayed inside. */
  readonly amountMinor: string
  /** Whether one's own accounts hold more or less after it, together. */
  readonly moved: boolean
}

export type Movement = OwnAmount & {
  readonly words: 'To' | 'From' | 'Between your accounts, to'
  readonly counterparty: string
}

/** A payment as the owner of some accounts sees it, in the currency of its first posting. */
export function movementOf(payment: Seen, own: ReadonlySet<string>): Movement {
  const first = payment.postings[0]
  if (!first) return { words: 'To', counterparty: 'nobody', amountMinor: '0', moved: false, currency: 'EUR' }
  const { outMinor, inMinor, inside } = sumsIn(first.currency, payment, own)
  const incoming = inMinor > outMinor
  const others = new Set(
    payment.postings.map((posting) => (incoming ? (posting.fromName ?? posting.from) : (posting.toName ?? posting.to))),
  )
  return {
    ...amountIn(first.currency, payment, own),
    words: inside ? 'Between your accounts, to' : incoming ? 'From' : 'To',
    counterparty: others.size === 1 ? [...others].join('') : `${others.size} accounts`,
  }
}

/** The same payment's amounts, one for each of its currencies, in the order in which they first occur. */
export function amountsOf(payment: Seen, own: ReadonlySet<string>): readonly OwnAmount[] {
  const currencies = new Set(payment.postings.map(({ currency }) => currency))
  return [...currencies].map((currency) => amountIn(currency, payment, own))
}

function amountIn(currency: string, payment: Seen, own: ReadonlySet<string>): OwnAmount {
  const { outMinor, inMinor, allMinor, inside } = sumsIn(currency, payment, own)
  // None of the accounts that are known: of many one may know only some.
  if (outMinor === 0n && inMinor === 0n) return { currency, amountMinor: allMinor.toString(), moved: false }
  const amountMinor = payment.status === 'rejected' || inside ? outMinor || inMinor : inMinor - outMinor
  return { currency, amountMinor: amountMinor.toString(), moved: payment.status === 'posted' && !inside }
}

function sumsIn(currency: string, { postings }: Seen, own: ReadonlySet<string>) {
  const alike = postings.filter((posting) => posting.currency === currency)
  const sum = (amounts: readonly string[]) => amounts.reduce((total, amount) => total + BigInt(amount), 0n)
  return {
    outMinor: sum(alike.filter((posting) => own.has(posting.from)).map((posting) => posting.amount)),
    inMinor: sum(alike.filter((posting) => own.has(posting.to)).map((posting) => posting.amount)),
    allMinor: sum(alike.map((posting) => posting.amount)),
    inside: alike.every((posting) => own.has(posting.from) && own.has(posting.to)),
  }
}
