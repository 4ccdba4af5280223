import { MakePayment, RefundPayment } from '@micropay/schemas/api/payment'
import { type PaymentId, paymentIdAt } from '@micropay/schemas/identifiers'
import type { LedgerCommand } from '@micropay/write-side/decide/decide'
import type { Knowledge } from './knowledge.ts'

/** What a client means to ask for: some of it follows from what clients were told by then. */
export type Intent =
  | { readonly does: 'ask'; readonly command: LedgerCommand }
  /** The payment that another command began, or the newest ones that are known to be under way. */
  | { readonly does: 'cancel'; readonly key: string | undefined; readonly nth: number }
  /** Of what another command began, or the newest that are known to have come about. */
  | { readonly does: 'refund'; readonly key?: string; readonly nth: number; readonly share: 'whole' | number }

export type Asks = (intent: Intent) => LedgerCommand

/** What each intent comes to, the same whenever it is asked for again. */
export function createAsks(known: Knowledge): Asks {
  const settled = new WeakMap<Intent, LedgerCommand>()
  return (intent) => {
    const command = settled.get(intent) ?? commandFor(intent, known)
    settled.set(intent, command)
    return command
  }
}

function commandFor(intent: Intent, known: Knowledge): LedgerCommand {
  switch (intent.does) {
    case 'ask':
      return intent.command
    case 'cancel': {
      const begun = intent.key === undefined ? undefined : known.begunBy(intent.key)
      const paymentId = begun ?? nthNewest(known.pending(), intent.nth) ?? paymentIdAt(0, 1 + intent.nth)
      return { type: 'CancelPayment', data: { paymentId, reason: 'changed my mind' } }
    }
    case 'refund': {
      const { nth, share } = intent
      const begun = intent.key === undefined ? undefined : known.begunBy(intent.key)
      if (begun) return refundOf(begun, {})
      const payment = nthNewest(known.payments(), nth)
      if (!payment) return refundOf(paymentIdAt(0, 1 + nth), {})
      return refundOf(payment.paymentId, share === 'whole' ? {} : amountOf(payment.movedMinor, share))
    }
  }
}

function refundOf(paymentId: PaymentId, asked: object): LedgerCommand {
  return { type: 'RefundPayment', data: { paymentId, ...RefundPayment.parse({ ...asked, reason: 'sent back' }) } }
}

function amountOf(movedMinor: number, share: number): object {
  return { amount: String(Math.max(1, Math.floor(movedMinor * share))) }
}

function nthNewest<Item>(list: readonly Item[], nth: number): Item | undefined {
  return list.at(-1 - (nth % Math.max(1, list.length)))
}

export function paying(legs: readonly object[]): LedgerCommand {
  return { type: 'MakePayment', data: MakePayment.parse({ legs }) }
}
