import assert from 'node:assert/strict'
import { OwnerId, placeOfId } from '@micropay/schemas/identifiers'
import { leftOver } from '@micropay/schemas/left-over'
import type { EventOf } from '@micropay/schemas/log/event'
import { PERSONAL_GENERATION, SAGAS_GENERATION } from '@micropay/schemas/log/generations'
import type { Leg } from '@micropay/schemas/log/payment-legs'
import type { PaymentInitiated, Sides } from '@micropay/schemas/log/saga-events'
import { partitionOf } from '@micropay/schemas/placement'
import {
  type Asked,
  askedOf,
  checkEachBalance,
  checkFound,
  checkFunds,
  checkOpened,
  firstDebited,
  kindOf,
  type Pointer,
  sidesOf,
} from './check-legs.ts'
import { unansweredIn } from './history.ts'
import {
  accepted,
  type Decision,
  type DecisionFacts,
  HistoryUnansweredError,
  type LedgerView,
  ShareOpenError,
  TooManyOpenError,
} from './ledger.ts'
import { hasUsedShare, MOST_OPEN, openWith, payerOf } from './open-payments.ts'
import { partitionsOf } from './saga.ts'
import { checkOpenPeriod, checkValueDate } from './value-date.ts'

/** Money that is to move; `more` is what the event says besides. */
export type Booking = {
  readonly legs: readonly Leg[]
  readonly pointer: Pointer
  readonly effectiveAt: string | undefined
  readonly texts: Texts | undefined
  readonly more: Partial<Pick<EventOf<'PaymentPosted'>['data'], 'kind' | 'reverses' | 'corrects'>>
}

type Texts = NonNullable<EventOf<'PaymentPosted'>['data']['personal']>['data']

/**
 * All legs happen at once or none does. Checks run in order of precedence over all legs; limits hold for the balances
 * after the last one, so a payment may pass money on that it brings. Where accounts live on other partitions, those
 * check their own legs, and this one begins a payment across partitions.
 */
export function decideBooking(booking: Booking, ledger: LedgerView, facts: DecisionFacts): Decision {
  const { legs, effectiveAt, more } = booking
  assert(legs.length > 0 && leftOver(legs).length === 0, 'the schema admits legs that balance, and no others')
  const others = otherPartitions(legs, facts)
  const asked = others.length === 0 ? askedOf(booking) : askedOf(ownPart(booking, facts))
  const refusal =
    checkFound(asked, ledger, facts) ??
    checkValueDate(effectiveAt, ledger, facts) ??
    checkOpened(asked, effectiveAt, ledger, facts) ??
    checkFunds(asked) ??
    checkEachBalance(asked)
  if (refusal) return refusal
  const begun = { effectiveAt: effectiveAt === undefined ? facts.decidedAt : new Date(effectiveAt).toISOString() }
  const said = { ...begun, ...textsAbout(booking, asked, facts), ...more }
  if (others.length > 0) return initiated(booking, said, asked, others, ledger, facts)
  const { paymentId } = facts
  const data = { paymentId, kind: kindOf(asked), legs: [...legs], ...said }
  return accepted({ type: 'PaymentPosted', version: 2, data })
}

function textsAbout({ legs, texts }: Booking, { accounts }: Asked, facts: DecisionFacts) {
  if (!texts) return {}
  const subject = accounts.get(firstDebited(legs))?.owner
  const about = subject !== undefined && facts.generation >= PERSONAL_GENERATION ? { subject } : {}
  return { personal: { ...about, form: 'plain' as const, data: texts } }
}

/** The first reason why own legs of a payment of another partition cannot be promised here, or what they are of. */
export function decideOwnLegs(
  { legs, effectiveAt }: OwnLegs,
  ledger: LedgerView,
  facts: DecisionFacts,
): Extract<Decision, { kind: 'rejected' }> | Sides {
  const pointer: Pointer = (index, member) => `${legs[index]?.leg ?? 0}/${member}`
  const asked = askedOf({ legs, pointer })
  const refusal =
    checkFound(asked, ledger, facts) ??
    checkOpenPeriod(effectiveAt, ledger, facts) ??
    checkOpened(asked, effectiveAt, ledger, facts) ??
    checkFunds(asked) ??
    checkEachBalance(asked)
  if (!refusal) return sidesOf(asked)
  assert(refusal.kind === 'rejected', 'legs are refused for a reason')
  return refusal
}

/** `leg` is the place of each among all legs of the payment. */
export type OwnLegs = {
  readonly legs: readonly (Leg & { readonly leg: number })[]
  readonly effectiveAt: string
}

/** The legs whose accounts live here; others tell of theirs. */
function ownPart({ legs, pointer }: Booking, facts: DecisionFacts): Pick<Booking, 'legs' | 'pointer'> {
  const { partition } = placeOfId(facts.paymentId)
  const own = legs.flatMap((leg, index) =>
    partitionOf(leg.account, facts.partitions ?? 1) === partition ? [index] : [],
  )
  return {
    legs: own.flatMap((index) => legs[index] ?? []),
    pointer: (index, member) => pointer(own[index] ?? 0, member),
  }
}

/** Rising. Readers of earlier generations know of payments inside a partition only. */
function otherPartitions(legs: readonly Leg[], { paymentId, partitions = 1, generation }: DecisionFacts): number[] {
  if (partitions === 1 || generation < SAGAS_GENERATION) return []
  const { partition } = placeOfId(paymentId)
  return partitionsOf(legs, partitions).filter((other) => other !== partition)
}

/**
 * Several participants promise their legs first; one alone decides, as long as it answers promptly: what it was asked
 * to decide nobody else may take back.
 */
function initiated(
  { legs }: Booking,
  said: Pick<PaymentInitiated, 'effectiveAt'>,
  asked: Asked,
  others: readonly number[],
  ledger: LedgerView,
  facts: DecisionFacts,
): Decision {
  const silent = others.find((other) => unansweredIn(ledger).includes(other))
  if (silent !== undefined) throw new HistoryUnansweredError(silent)
  const busy = others.find((other) => openWith(other, ledger).length >= MOST_OPEN)
  if (busy !== undefined) throw new TooManyOpenError(busy)
  const payer = payerOf({ tenant: facts.tenant, legs })
  const hogged = others.find((other) => hasUsedShare(payer, other, ledger))
  if (hogged !== undefined) throw new ShareOpenError(firstDebited(legs), hogged)
  const [only = 0, ...more] = others
  const settles = more.length === 0 && (facts.isPrompt?.(only) ?? true)
  const { paymentId, mayBook, decidedAt } = facts
  const { effectiveAt } = said
  const sides = sidesOf(asked)
  const own = asked.legs.length === 0 ? undefined : { paymentId, legs: [...asked.legs], effectiveAt, sides }
  return accepted(
    {
      type: 'PaymentInitiated',
      version: 1,
      data: {
        ...{ paymentId, legs: [...legs], participants: [...others], subject: OwnerId.parse(facts.subject), mayBook },
        ...{ ...said, deadline: new Date(Date.parse(decidedAt) + OPEN_FOR_MS).toISOString() },
        ...(settles ? { settles } : {}),
      },
    },
    ...(own ? [{ type: 'LegsPrepared' as const, version: 1 as const, data: own }] : []),
  )
}

/** So long a payment across partitions may come about. */
const OPEN_FOR_MS = 60_000
