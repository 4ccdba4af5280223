import { MakePayment, RefundPayment } from '@micropay/schemas/api/payment'
import { ClosePeriod } from '@micropay/schemas/api/period'
import { type PaymentId, PeriodId, paymentIdAt } from '@micropay/schemas/identifiers'
import type { LedgerCommand } from '@micropay/write-side/decide/decide'
import type { Knowledge } from './knowledge.ts'

/** What a client means to ask for: some of it follows from what clients were told by then. */
export type Intent =
  | { readonly does: 'ask'; readonly command: LedgerCommand }
  /** The payment that another command began, or the newest ones that are known to be under way. */
  | { readonly does: 'cancel'; readonly key: string | undefined; readonly nth: number }
  /** Of what another command began, or the newest that are known to have come about. */
  | { readonly does: 'refund'; readonly key?: string; readonly nth: number; readonly share: 'whole' | number }
  /** All days up to one, by figures of where each partition stands, or of `behind` commits before. */
  | { readonly does: 'close'; readonly through: string; readonly behind: number }
  /** What is being closed. */
  | { readonly does: 'call off' }

/** What a page shows of the ledger as it stands. */
export type Shown = {
  /** Of each partition. */
  seqs(): readonly number[]
  /** The period that is being closed. */
  closing(): string | undefined
}

export type Asks = (intent: Intent) => LedgerCommand

/** What each intent comes to, the same whenever it is asked for again. */
export function createAsks(known: Knowledge, shown: Shown): Asks {
  const settled = new WeakMap<Intent, LedgerCommand>()
  return (intent) => {
    const command = settled.get(intent) ?? commandFor(intent, known, shown)
    settled.set(intent, command)
    return command
  }
}

function commandFor(intent: Intent, known: Knowledge, shown: Shown): LedgerCommand {
  switch (intent.does) {
    case 'ask':
      return intent.command
    case 'cancel': {
      const begun = intent.key === undefined ? undefined : known.begunBy(intent.key)
      const paymentId = begun ?? nthNewest(known.pending(), intent.nth) ?? paymentIdAt(0, 1 + intent.nth)
      return { type: 'CancelPayment', data: { paymentId, reason: 'changed my mind' } }
    }
    case 'close':
      return closing(intent, shown)
    case 'call off': {
      const periodId = PeriodId.parse(shown.closing() ?? 'prd-0-1')
      return { type: 'CallOffPeriod', data: { periodId, reason: 'not yet' } }
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

function closing({ through, behind }: Extract<Intent, { does: 'close' }>, shown: Shown): LedgerCommand {
  // Nobody here looks into the figures.
  const digest = 'd'.repeat(43)
  const seals = shown.seqs().map((seq, partition) => ({ partition, seq: Math.max(0, seq - behind), digest }))
  return { type: 'ClosePeriod', data: ClosePeriod.parse({ through, seq: seals[0]?.seq ?? 0, digest, seals }) }
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

export function paying(legs: readonly object[], effectiveAt?: string): LedgerCommand {
  return { type: 'MakePayment', data: MakePayment.parse({ legs, ...(effectiveAt ? { effectiveAt } : {}) }) }
}
