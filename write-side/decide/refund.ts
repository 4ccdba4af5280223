import assert from 'node:assert/strict'
import type { PaymentAccepted, PaymentPending, RefundPayment } from '@micropay/schemas/api/payment'
import { dayIn } from '@micropay/schemas/days'
import { type AccountId, type PaymentId, paymentIdAt, placeOfId } from '@micropay/schemas/identifiers'
import { isGivenBackBeyond } from '@micropay/schemas/left-over'
import type { Commit } from '@micropay/schemas/log/commit'
import type { EventOf } from '@micropay/schemas/log/event'
import { broughtRule } from '@micropay/schemas/log/generations'
import type { Leg } from '@micropay/schemas/log/payment-legs'
import { postingsOf } from '@micropay/schemas/log/payment-versions'
import type { PaymentInitiated } from '@micropay/schemas/log/saga-events'
import { formatMinor, MAX_AMOUNT_MINOR } from '@micropay/schemas/money'
import type { PaymentKind } from '@micropay/schemas/payment-kind'
import { partitionOf } from '@micropay/schemas/placement'
import { visibleAccount } from './account.ts'
import { type Booking, decideBooking } from './booking.ts'
import { movementsOf } from './check-legs.ts'
import { givenBackOf } from './given-back.ts'
import { type CommandRule, type Decision, type DecisionFacts, eventOf, type LedgerView, rejected } from './ledger.ts'
import { closedPeriodOf, zoneOf } from './period.ts'

type Refunding = Omit<RefundPayment, 'dryRun'> & { readonly paymentId: PaymentId }
type Posted = EventOf<'PaymentPosted'>['data']
/** The refund as it was posted: what it moves follows from the payment, not from the request alone. */
type RefundKept = { readonly refund: Posted; readonly open?: { readonly deadline: string } }

/** A refund is about the payment that it gives back: the partition that holds that one decides it. */
export const refundCommands = {
  RefundPayment: {
    place: ({ paymentId }) => paymentId,
    decide: decideRefund,
    keep(events): RefundKept | undefined {
      const begun = eventOf(events, 'PaymentInitiated')?.data
      if (begun) return { refund: postedOf(begun), open: { deadline: begun.deadline } }
      const event = eventOf(events, 'PaymentPosted')
      return event && { refund: event.data }
    },
    answer(_, { refund, open, decidedAt }, position): PaymentAccepted | PaymentPending {
      assert(refund, 'an accepted refund was posted')
      const postings = postingsOf(refund.legs)
      const how = open ? { status: 'pending' as const, ...open } : { status: 'posted' as const, kind: refund.kind }
      return {
        paymentId: position ? paymentIdAt(position.partition, position.seq) : null,
        ...{ ...how, legs: refund.legs, ...(postings ? { postings } : {}) },
        ...{ effectiveAt: refund.effectiveAt, decidedAt, ...refund.personal?.data },
        ...(refund.reverses ? { reverses: refund.reverses } : {}),
        ...(refund.corrects ? { corrects: refund.corrects } : {}),
      }
    },
  } satisfies CommandRule<Refunding, RefundKept, PaymentAccepted | PaymentPending>,
}

/**
 * Gives a payment back, all that is left or a part, never more. It is decided as a payment of its legs would be, so
 * that whoever may pay from the accounts that were paid may give back.
 */
function decideRefund(data: Refunding, ledger: LedgerView, facts: DecisionFacts): Decision {
  const { paymentId, reason, effectiveAt, metadata } = data
  const posted = postedIn(facts)
  if (!posted || !mayGiveBack(posted, ledger, facts)) {
    return rejected('payment_not_found', notTheirs(paymentId))
  }
  if (posted === 'refused') {
    return rejected(
      'refund_not_possible',
      `${paymentId} was refused, and no money moved: there is nothing to give back`,
    )
  }
  if (posted === 'open') {
    return rejected('refund_not_possible', `${paymentId} has not come about: wait for it, or cancel it`)
  }
  if (posted === 'forgotten') {
    const detail = `${paymentId} is too old for the ledger to say whether it came about: look, and make a payment back`
    return rejected('refund_not_possible', detail)
  }
  if (posted.reverses) {
    const detail = `${paymentId} gives ${posted.reverses.paymentId} back: make that payment anew instead`
    return rejected('refund_not_possible', detail)
  }
  if (![...movementsOf(posted.legs).values()].some((minor) => minor !== 0n)) {
    return rejected('refund_not_possible', `${paymentId} left every account as it was: there is nothing to give back`)
  }
  if (!facts.mayBook && isOthersToo(posted, ledger, facts)) {
    const detail = `${paymentId} is about accounts of others, too: ask whoever keeps the ledger to give it back`
    return rejected('refund_not_possible', detail)
  }
  const early = checkDay(effectiveAt, posted, ledger, facts)
  if (early) return early
  const left = leftOf(posted, ledger)
  const legs = legsOfRefund(data, posted, left)
  if (!Array.isArray(legs)) return legs
  const behind = movementsOf(legs)
  const whole = [...left].every(([account, minor]) => minor + (behind.get(account) ?? 0n) === 0n)
  const corrects = closedPeriodOf(posted.effectiveAt, ledger, facts.tenant)
  const reference = posted.personal?.data.reference
  const booking: Booking = {
    ...{ legs, effectiveAt, pointer: (leg, member) => (data.legs ? `/legs/${leg}/${member}` : undefined) },
    texts: {
      ...(reference === undefined ? {} : { reference }),
      description: reason,
      ...(metadata === undefined ? {} : { metadata }),
    },
    more: {
      kind: posted.kind,
      reverses: { paymentId: posted.paymentId, whole },
      ...(corrects === undefined ? {} : { corrects }),
    },
  }
  return decideBooking(booking, ledger, facts)
}

/** Nothing goes back before it came; on the same day it may, since days are what staff date by. */
function checkDay(effectiveAt: string | undefined, posted: Posted, ledger: LedgerView, facts: DecisionFacts) {
  if (effectiveAt === undefined || facts.generation < broughtRule('refund_before_payment')) return undefined
  const zone = zoneOf(ledger, facts.tenant)
  const paidOn = dayIn(zone, posted.effectiveAt)
  if (dayIn(zone, effectiveAt) >= paidOn) return undefined
  const detail = `${posted.paymentId} counts on ${paidOn} in ${zone}: nothing of it goes back before that day`
  return rejected('refund_before_payment', detail, '/effectiveAt')
}

/** `forgotten`: it went across partitions, and what became of it was kept for as long as its key. */
type Unposted = 'refused' | 'open' | 'forgotten'

/** Undefined where the position has no payment of the tenant. */
function postedIn({ original, originalOutcome, originalKind, tenant }: DecisionFacts): Posted | Unposted | undefined {
  if (original?.tenant !== tenant) return undefined
  const begun = eventOf(original.events, 'PaymentInitiated')
  if (begun && originalOutcome === 'completed') return postedOf(begun.data, originalKind)
  if (begun) return originalOutcome === undefined ? 'forgotten' : originalOutcome === 'open' ? 'open' : 'refused'
  const posted = eventOf(original.events, 'PaymentPosted')
  if (posted) return posted.data
  const { command, outcome } = original
  return command.type === 'MakePayment' && outcome.kind === 'rejected' ? 'refused' : undefined
}

/** A payment across partitions as it is posted. Its kind is named for the accounts of all of them. */
function postedOf(begun: PaymentInitiated, originalKind: PaymentKind = 'transfer'): Posted {
  const { paymentId, legs, effectiveAt, kind = originalKind, personal, reverses, corrects } = begun
  return {
    ...{ paymentId, kind, legs, effectiveAt },
    ...(personal ? { personal } : {}),
    ...(reverses ? { reverses } : {}),
    ...(corrects ? { corrects } : {}),
  }
}

export function notTheirs(paymentId: PaymentId): string {
  return `there is no payment ${paymentId} that you may give back`
}

/** Others than staff are told of payments that came to accounts of theirs alone. */
function mayGiveBack(posted: Posted | Unposted, ledger: LedgerView, facts: DecisionFacts): boolean {
  if (facts.mayBook) return true
  if (typeof posted === 'string') return false
  const isTheirs = isOwnOf(posted, ledger, facts)
  return posted.legs.some(({ account, amount }) => !amount.startsWith('-') && isTheirs(account))
}

/** Which accounts of a payment are the caller's. */
function isOwnOf({ legs }: Posted, ledger: LedgerView, facts: DecisionFacts): (account: AccountId) => boolean {
  const elsewhere = facts.isElsewhereTheirs ? onlyPaidElsewhere(legs, facts) : undefined
  return (account) => visibleAccount(ledger, account, facts)?.owner === facts.subject || account === elsewhere
}

/**
 * The account of a payment across partitions whose owner may give it back: the only one that was paid, where it lives
 * on another partition. Whose it is has to be known before anything is told of the payment, or kept from others.
 */
export function paidElsewhere(
  { tenant, events }: Pick<Commit, 'tenant' | 'events'>,
  facts: Pick<DecisionFacts, 'tenant' | 'paymentId' | 'partitions'>,
): AccountId | undefined {
  const begun = tenant === facts.tenant ? eventOf(events, 'PaymentInitiated') : undefined
  return begun && onlyPaidElsewhere(begun.data.legs, facts)
}

function onlyPaidElsewhere(
  legs: readonly Leg[],
  { paymentId, partitions = 1 }: Pick<DecisionFacts, 'paymentId' | 'partitions'>,
): AccountId | undefined {
  const [account, ...others] = new Set(legs.filter(({ amount }) => !amount.startsWith('-')).map((leg) => leg.account))
  if (account === undefined || others.length > 0) return undefined
  return partitionOf(account, partitions) === placeOfId(paymentId).partition ? undefined : account
}

/**
 * Whether there are legs that such a caller is not shown: the answer to a refund, and why one is refused, say what is
 * on all of them. Whoever was paid sees the other leg of each pair, or the only one who paid.
 */
function isOthersToo(posted: Posted, ledger: LedgerView, facts: DecisionFacts): boolean {
  const { legs } = posted
  const isTheirs = isOwnOf(posted, ledger, facts)
  const others = legs.filter(({ account }) => !isTheirs(account))
  if (others.some(({ amount }) => !amount.startsWith('-'))) return true
  return new Set(others.map(({ account }) => account)).size > 1 && legs.some(({ pair }) => pair === undefined)
}

/** What the payment has moved on each account, less what was given back, in the order of its legs. */
function leftOf({ paymentId, legs }: Posted, ledger: LedgerView): Map<AccountId, bigint> {
  const left = movementsOf(legs)
  for (const [account, minor] of givenBackOf(paymentId, ledger)) left.set(account, (left.get(account) ?? 0n) + minor)
  return left
}

function legsOfRefund({ amount, legs }: Refunding, posted: Posted, left: ReadonlyMap<AccountId, bigint>) {
  const moved = movementsOf(posted.legs)
  const beyond = [...left].find(([account, minor]) => isGivenBackBeyond(moved.get(account) ?? 0n, minor))
  if (beyond) {
    const detail = `more of ${posted.paymentId} was given back on ${beyond[0]} than it moved there`
    return rejected('refund_exceeds_payment', detail)
  }
  const open = [...left].filter(([, minor]) => minor !== 0n)
  if (open.length === 0) return rejected('refund_exceeds_payment', `all of ${posted.paymentId} was given back before`)
  if (legs)
    return tooMuch(legs, posted, left) ?? legs.map(({ account, amount, currency }) => ({ account, amount, currency }))
  if (amount !== undefined) {
    const [payer, payee] = open.toSorted(([, a], [, b]) => (a < b ? -1 : 1))
    if (!payer || !payee || open.length > 2) {
      const detail = `${posted.paymentId} has more than two accounts: say with legs how much comes back from each`
      return rejected('refund_not_possible', detail, '/amount')
    }
    const currency = currencyOf(posted, payee[0])
    const pair = pairOf(payee[0], payer[0], amount, currency)
    return tooMuch(pair, posted, left) ?? pair
  }
  return isUntouched(posted, left) ? reversed(posted.legs) : rest(posted, open)
}

function isUntouched({ legs }: Posted, left: ReadonlyMap<AccountId, bigint>): boolean {
  return [...movementsOf(legs)].every(([account, minor]) => left.get(account) === minor)
}

/** Each pair the other way round; its debit first, as of every pair. */
function reversed(legs: readonly Leg[]): Leg[] {
  const turned = legs.map(({ account, amount, currency, pair }) => ({
    ...{ account, amount: negated(amount), currency },
    ...(pair === undefined ? {} : { pair }),
  }))
  return turned.map((leg, index) => {
    if (leg.pair === undefined) return leg
    return turned[index % 2 === 0 ? index + 1 : index - 1] ?? leg
  })
}

/**
 * Two accounts get pairs again, more of them one leg each. What one leg cannot hold is several: never more than the
 * payment had, since each of its own was within the bound, too.
 */
function rest(posted: Posted, open: readonly (readonly [AccountId, bigint])[]): Leg[] {
  const [first, second] = open.toSorted(([, a], [, b]) => (a > b ? -1 : 1))
  if (first && second && open.length === 2) {
    const currency = currencyOf(posted, first[0])
    return amountsOf(first[1]).flatMap((minor, index) => {
      return pairOf(first[0], second[0], minor.toString(), currency, index + 1)
    })
  }
  return open.flatMap(([account, minor]) => {
    const currency = currencyOf(posted, account)
    return amountsOf(-minor).map((amount) => ({ account, amount: amount.toString(), currency }))
  })
}

/** A sum as amounts that a leg can hold. */
function amountsOf(minor: bigint): bigint[] {
  const most = minor < 0n ? -MAX_AMOUNT_MINOR : MAX_AMOUNT_MINOR
  const full = Array.from({ length: Number(minor / most) }, () => most)
  return minor % most === 0n ? full : [...full, minor % most]
}

function pairOf(from: AccountId, to: AccountId, amount: string, currency: string, pair = 1): Leg[] {
  return [
    { account: from, amount: `-${amount}`, currency, pair },
    { account: to, amount, currency, pair },
  ]
}

/** What goes back over an account is at most what came over it, the other way. */
function tooMuch(legs: readonly Omit<Leg, 'pair' | 'stands'>[], posted: Posted, left: ReadonlyMap<AccountId, bigint>) {
  for (const [account, minor] of movementsOf(legs)) {
    const most = -(left.get(account) ?? 0n)
    const isWithin = most < 0n ? minor >= most && minor <= 0n : minor <= most && minor >= 0n
    if (isWithin) continue
    const currency = currencyOf(posted, account)
    const said = most === 0n ? 'nothing' : `${formatMinor(most < 0n ? -most : most, currency)} ${currency}`
    const detail = `${said} of ${posted.paymentId} is left to ${most > 0n ? 'come back to' : 'go back from'} ${account}`
    return rejected('refund_exceeds_payment', detail)
  }
  return undefined
}

function currencyOf({ legs }: Posted, account: AccountId): string {
  return legs.find((leg) => leg.account === account)?.currency ?? legs[0]?.currency ?? ''
}

function negated(amount: string): string {
  if (amount === '0') return amount
  return amount.startsWith('-') ? amount.slice(1) : `-${amount}`
}
