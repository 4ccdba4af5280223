import type { Payment } from '@micropay/schemas/api/payment'
import { movedBy, sidesOf } from '../../money/totals.ts'
import { partyOf } from './parties.ts'

type Seen = Pick<Payment, 'legs' | 'status'>

export type OwnAmount = {
  readonly currency: string
  /** Signed, from the side of one's own accounts; without a sign for what was refused or stayed inside. */
  readonly amountMinor: string
  /** Whether one's own accounts hold more or less after it, together. */
  readonly moved: boolean
}

export type Movement = OwnAmount & {
  readonly words: 'To' | 'From' | 'Between your accounts, to' | 'No money moved on'
  readonly counterparty: string
}

/** A payment as the owner of some accounts sees it, in the currency of its first leg. */
export function movementOf(payment: Seen, own: ReadonlySet<string>): Movement {
  const { legs } = payment
  const [first] = legs
  if (!first) return { words: 'To', counterparty: 'nobody', amountMinor: '0', moved: false, currency: 'EUR' }
  const amount = amountIn(first.currency, payment, own)
  if (legs.every((leg) => leg.amount === '0')) {
    return { ...amount, words: 'No money moved on', counterparty: partyOf(legs) }
  }
  const { outMinor, inMinor, inside } = sumsIn(first.currency, payment, own)
  const incoming = inMinor > outMinor
  const words = inside ? 'Between your accounts, to' : incoming ? 'From' : 'To'
  const others = legs.filter((leg) => leg.amount !== '0' && leg.amount.startsWith('-') === incoming)
  return { ...amount, words, counterparty: partyOf(others) }
}

/** The same payment's amounts, one for each of its currencies, in the order in which they first occur. */
export function amountsOf(payment: Seen, own: ReadonlySet<string>): readonly OwnAmount[] {
  const currencies = new Set(payment.legs.map(({ currency }) => currency))
  return [...currencies].map((currency) => amountIn(currency, payment, own))
}

function amountIn(currency: string, payment: Seen, own: ReadonlySet<string>): OwnAmount {
  const { outMinor, inMinor, allMinor, inside } = sumsIn(currency, payment, own)
  // None of the accounts that are known: of many one may know only some.
  if (outMinor === 0n && inMinor === 0n) return { currency, amountMinor: allMinor.toString(), moved: false }
  const amountMinor = payment.status !== 'posted' || inside ? outMinor || inMinor : inMinor - outMinor
  return { currency, amountMinor: amountMinor.toString(), moved: payment.status === 'posted' && !inside }
}

function sumsIn(currency: string, payment: Seen, own: ReadonlySet<string>) {
  const legs = payment.legs.filter((leg) => leg.currency === currency)
  const [all] = movedBy(legs)
  const [ofOwn] = sidesOf(legs.filter(({ account }) => own.has(account)))
  const { outMinor, inMinor } = ofOwn ?? { outMinor: 0n, inMinor: 0n }
  // Other people's legs may be there and not be shown: then what is shown does not add up.
  const inside = outMinor === inMinor && legs.every(({ account }) => own.has(account))
  return { outMinor, inMinor, allMinor: BigInt(all?.minor ?? 0), inside }
}
