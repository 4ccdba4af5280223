import { MakePayment, RefundPayment } from '@micropay/schemas/api/payment'
import { ClosePeriod, ReopenPeriod } from '@micropay/schemas/api/period'
import { PeriodId, ProposalId, paymentIdAt } from '@micropay/schemas/identifiers'
import type { LedgerCommand } from '@micropay/write-side/decide/decide'
import type { Knowledge, KnownPayment } from './knowledge.ts'

/** What a client means to ask for: some of it follows from what it was told by then, and from the day. */
export type Intent =
  | { readonly does: 'ask'; readonly command: LedgerCommand }
  | { readonly does: 'pay on a day'; readonly payment: object; readonly day: DrawnDay }
  | Refund
  | { readonly does: 'approve' | 'approve what it was not' | 'refuse'; readonly nth: number }
  | Closing
  | { readonly does: 'reopen'; readonly nth: number }

export type Refund = {
  readonly does: 'refund'
  /** Which of those that it knows, the newest first. */
  readonly nth: number
  readonly of: 'a payment' | 'a refused payment' | 'whatever stands there'
  readonly how: 'whole' | 'a part' | 'by legs'
  /** Of what the payment moved; above 1 it is more. */
  readonly share: number
  readonly day?: DrawnDay | undefined
}

export type Closing = {
  readonly does: 'close'
  readonly daysBack: number
  readonly seen: 'all' | 'not all'
  readonly from: 'left out' | 'the next day' | 'a later day'
}

/** A day before today, or behind it where `daysBack` is below zero, and a time of it in UTC. */
export type DrawnDay = { readonly daysBack: number; readonly at: string }

const DAY_MS = 86_400_000
/** The simulated clients never look at it, and nobody checks it but people. */
const digest = 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg'

/** What each intent comes to, the same whenever it is asked for again. */
export function createIntents(known: Knowledge): (intent: Intent, nowMs: number) => LedgerCommand {
  const settled = new WeakMap<Intent, LedgerCommand>()
  return (intent, nowMs) => {
    const command = settled.get(intent) ?? commandFor(intent, known, nowMs)
    settled.set(intent, command)
    return command
  }
}

/** The command that a client comes to, from what it knows at that time (in milliseconds since 1970). */
function commandFor(intent: Intent, known: Knowledge, nowMs: number): LedgerCommand {
  switch (intent.does) {
    case 'ask':
      return intent.command
    case 'pay on a day': {
      const effectiveAt = instantOf(intent.day, nowMs)
      return { type: 'MakePayment', data: MakePayment.parse({ ...intent.payment, effectiveAt }) }
    }
    case 'refund':
      return refundFor(intent, known, nowMs)
    case 'close':
      return closingFor(intent, known, nowMs)
    case 'reopen': {
      const periodId = nthNewest(known.periods, intent.nth)?.periodId ?? PeriodId.parse(`prd-0-${1 + intent.nth}`)
      return { type: 'ReopenPeriod', data: { periodId, ...ReopenPeriod.parse({ reason: 'a correction' }) } }
    }
    case 'refuse':
      return {
        type: 'RefuseCommand',
        data: { proposalId: proposalFor(intent.nth, known).proposalId, reason: 'not so' },
      }
    default: {
      const { proposalId, hash } = proposalFor(intent.nth, known)
      const isAsSeen = intent.does === 'approve'
      return { type: 'ApproveCommand', data: { proposalId, hash: isAsSeen ? hash : `${hash.slice(1)}A` } }
    }
  }
}

function refundFor({ nth, of, how, share, day }: Refund, known: Knowledge, nowMs: number): LedgerCommand {
  const reason = 'sent back'
  const when = day ? { effectiveAt: instantOf(day, nowMs) } : {}
  const give = (paymentId: string, asked: object): LedgerCommand => {
    const data = RefundPayment.parse({ ...asked, reason, ...when })
    return { type: 'RefundPayment', data: { paymentId: paymentIdAt(0, Number(paymentId.split('-')[2])), ...data } }
  }
  // Nobody can name a payment that is decided with the refund itself: where nothing is known, none is named.
  const any = paymentIdAt(0, known.seq() === 0 ? 0 : 1 + ((nth * 7) % known.seq()))
  if (of === 'whatever stands there') return give(any, {})
  if (of === 'a refused payment') return give(nthNewest(known.refused, nth) ?? any, {})
  const payment = nthNewest(known.payments, nth)
  if (!payment) return give(any, {})
  return give(payment.paymentId, how === 'whole' ? {} : partOf(payment, how, share))
}

/** An amount, or legs between the two who moved most, and a third who was paid. */
function partOf({ legs }: KnownPayment, how: 'a part' | 'by legs', share: number): object {
  const net = new Map<string, number>()
  for (const { account, amount } of legs) net.set(account, (net.get(account) ?? 0) + Number(amount))
  const [payer, ...others] = [...net].filter(([, minor]) => minor !== 0).sort(([, a], [, b]) => a - b)
  const payees = others.filter(([, minor]) => minor > 0)
  const [payee, second] = payees.toReversed()
  if (!payer || !payee) return {}
  const partMinor = (minor: number) => Math.max(1, Math.floor(minor * share))
  const [firstMinor, secondMinor] = [partMinor(payee[1]), second ? partMinor(second[1]) : 0]
  if (how === 'a part') return { amount: String(firstMinor) }
  const currency = legs[0]?.currency ?? 'EUR'
  const leg = (account: string, minor: number) => ({ account, amount: String(minor), currency })
  const back = [leg(payee[0], -firstMinor), ...(second ? [leg(second[0], -secondMinor)] : [])]
  return { legs: [...back, leg(payer[0], firstMinor + secondMinor)] }
}

function closingFor({ daysBack, seen, from }: Closing, known: Knowledge, nowMs: number): LedgerCommand {
  const through = dayOf(nowMs - daysBack * DAY_MS)
  const last = known.periods.at(-1)?.through
  const behind = last === undefined ? through : dayOf(Date.parse(last) + (from === 'the next day' ? 1 : 2) * DAY_MS)
  const begins = from === 'left out' || behind > through ? {} : { from: behind }
  const seq = seen === 'all' ? known.seq() : Math.floor(known.seq() / 2)
  return { type: 'ClosePeriod', data: ClosePeriod.parse({ ...begins, through, seq, digest }) }
}

function proposalFor(nth: number, known: Knowledge) {
  const unknown = { proposalId: ProposalId.parse(`prp-0-${1 + nth}`), hash: digest }
  return nthNewest(known.proposals, nth) ?? unknown
}

function instantOf({ daysBack, at }: DrawnDay, nowMs: number): string {
  return `${dayOf(nowMs - daysBack * DAY_MS)}T${at}Z`
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

function nthNewest<Item>(list: readonly Item[], nth: number): Item | undefined {
  return list.at(-1 - (nth % Math.max(1, list.length)))
}
