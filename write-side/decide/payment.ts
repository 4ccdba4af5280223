import assert from 'node:assert/strict'
import type { MakePayment, PaymentAccepted, PaymentPending } from '@micropay/schemas/api/payment'
import { type AccountId, paymentIdAt } from '@micropay/schemas/identifiers'
import { HISTORY_GENERATION, LEGS_GENERATION, PERSONAL_GENERATION } from '@micropay/schemas/log/generations'
import type { Leg } from '@micropay/schemas/log/payment-legs'
import { legsOf } from '@micropay/schemas/log/payment-versions'
import type { PaymentKind } from '@micropay/schemas/payment-kind'
import type { Position } from '@micropay/schemas/position'
import { isSuspenseId } from '@micropay/schemas/suspense'
import { accountKey, accounts, knownAccount } from './account.ts'
import { decideBooking } from './booking.ts'
import { firstDebited, firstOf, movementsOf, type Pointer } from './check-legs.ts'
import { putGivenBack } from './given-back.ts'
import {
  type CommandRule,
  type Decided,
  type Decision,
  type DecisionFacts,
  eventOf,
  type Folds,
  type LedgerView,
  put,
} from './ledger.ts'
import { valueSteps } from './period.ts'
import { withPayment } from './valued-until.ts'

type Payment = Omit<MakePayment, 'dryRun'>
/** What its key keeps; `open` while it is under way across partitions, until when it may come about. */
type PaymentKept = { readonly paymentKind?: PaymentKind; readonly open?: { readonly deadline: string } }

export const paymentCommands = {
  MakePayment: {
    place: placeOf,
    needs: (asked) => (namesSuspense(asked) ? HISTORY_GENERATION : asked.legs ? LEGS_GENERATION : 1),
    decide: decidePayment,
    keep(events): PaymentKept | undefined {
      const begun = eventOf(events, 'PaymentInitiated')
      if (begun) return { open: { deadline: begun.data.deadline } }
      const event = eventOf(events, 'PaymentPosted')
      return event && { paymentKind: event.data.kind }
    },
    answer: paymentAccepted,
  } satisfies CommandRule<Payment, PaymentKept, PaymentAccepted | PaymentPending>,
}

export const paymentEvents: Folds<'PaymentPosted'> = {
  PaymentPosted({ legs, effectiveAt, reverses }, ledger, { tenant, seq }) {
    const moved = Array.from(movementsOf(legs), ([accountId, movementMinor]) => {
      const key = accountKey(tenant, accountId)
      const account = knownAccount(ledger, key, accountId)
      return put(accounts, key, { ...account, balanceMinor: account.balanceMinor + movementMinor })
    })
    const steps = withPayment(ledger.read(valueSteps, tenant) ?? [], effectiveAt, seq)
    const given = reverses ? [putGivenBack(reverses.paymentId, legs, ledger)] : []
    return [...moved, put(valueSteps, tenant, steps), ...given]
  },
}

function decidePayment(data: Payment, ledger: LedgerView, facts: DecisionFacts): Decision {
  const booking = {
    legs: legsAskedIn(data),
    pointer: pointerInto(data.postings !== undefined),
    effectiveAt: data.effectiveAt,
  }
  return decideBooking({ ...booking, texts: textsIn(data), more: {} }, ledger, facts)
}

/** The legs of a request, as they are written: two for each posting. */
function legsAskedIn({ postings, legs = [] }: Payment): Leg[] {
  if (postings) return legsOf(postings)
  return legs.map(({ account, amount, currency, stands }) => {
    return { account, amount, currency, ...(stands === undefined ? {} : { stands }) }
  })
}

/** The first payer, until texts say whom they are about; from there on the account that they are about. */
function placeOf(data: Payment, generation: number): AccountId {
  const { postings } = data
  if (!postings) return firstDebited(legsAskedIn(data))
  // Each posting debits its payer, so those are all that are debited.
  const payers = postings.map(({ from }) => from)
  return firstOf(generation < PERSONAL_GENERATION ? payers.slice(0, 1) : payers)
}

function textsIn({ reference, description, metadata }: Payment) {
  if (reference === undefined && description === undefined && metadata === undefined) return undefined
  return {
    ...(reference === undefined ? {} : { reference }),
    ...(description === undefined ? {} : { description }),
    ...(metadata === undefined ? {} : { metadata }),
  }
}

/** Where a leg stands in a request of postings, or of legs. */
export function pointerInto(hasPostings: boolean): Pointer {
  return (leg, member) => {
    if (!hasPostings) return `/legs/${leg}/${member}`
    const side = leg % 2 === 0 ? 'from' : 'to'
    return `/postings/${Math.floor(leg / 2)}/${member === 'account' ? side : member}`
  }
}

function paymentAccepted(
  data: Payment,
  { paymentKind, open, decidedAt }: Decided & Partial<PaymentKept>,
  position: Position | undefined,
): PaymentAccepted | PaymentPending {
  const paymentId = position ? paymentIdAt(position.partition, position.seq) : null
  const asked = {
    ...(data.postings ? { postings: data.postings } : {}),
    legs: legsAskedIn(data),
    effectiveAt: data.effectiveAt === undefined ? decidedAt : new Date(data.effectiveAt).toISOString(),
    decidedAt,
    ...textsIn(data),
  }
  if (open) return { paymentId, status: 'pending', deadline: open.deadline, ...asked }
  assert(paymentKind, 'an accepted payment has a kind')
  return { paymentId, status: 'posted', kind: paymentKind, ...asked }
}

/** Readers of earlier generations know no such accounts. */
function namesSuspense({ legs = [], postings = [] }: MakePayment): boolean {
  return [...legs.map(({ account }) => account), ...postings.flatMap(({ from, to }) => [from, to])].some(isSuspenseId)
}
