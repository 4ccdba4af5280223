import type { EventOf, PaymentPostedV1 } from './event.ts'
import type { Leg } from './payment-legs.ts'

type PaymentPosted = EventOf<'PaymentPosted'>['data']

/** Two legs for each posting, in order: so entries keep their numbers and running balances. */
export function legsOf(postings: PaymentPostedV1['postings']): Leg[] {
  const legs: Leg[] = []
  for (const { from, to, amount, currency } of postings) {
    const pair = legs.length / 2 + 1
    legs.push({ account: from, amount: `-${amount}`, currency, pair }, { account: to, amount, currency, pair })
  }
  return legs
}

/** The postings of legs that are paired just as `legsOf` pairs them; undefined of any others. */
export function postingsOf(legs: readonly Leg[]): PaymentPostedV1['postings'] | undefined {
  const postings: PaymentPostedV1['postings'] = []
  for (let index = 0; index < legs.length; index += 2) {
    const [from, to] = [legs[index], legs[index + 1]]
    if (!from || !to || from.pair !== index / 2 + 1 || to.pair !== from.pair) return undefined
    if (to.amount === '0' || from.amount !== `-${to.amount}` || from.currency !== to.currency) return undefined
    postings.push({ from: from.account, to: to.account, amount: to.amount, currency: to.currency })
  }
  return postings
}

/** Version 1 had postings, and its texts among all else. */
export function paymentFromV1({ paymentId, kind, postings, effectiveAt, ...texts }: PaymentPostedV1): PaymentPosted {
  const legs = legsOf(postings)
  const head = { paymentId, kind, legs, effectiveAt }
  return Object.keys(texts).length === 0 ? head : { ...head, personal: { form: 'plain', data: texts } }
}

/** Undefined for what version 1 cannot say: what it does say is lifted again to the same payment. */
export function paymentToV1(payment: PaymentPosted): PaymentPostedV1 | undefined {
  const { paymentId, kind, legs, effectiveAt, personal, ...others } = payment
  const postings = legs.some(({ stands }) => stands !== undefined) ? undefined : postingsOf(legs)
  if (!postings || personal?.subject !== undefined || Object.keys(others).length > 0) return undefined
  return { paymentId, kind, postings, effectiveAt, ...personal?.data }
}
