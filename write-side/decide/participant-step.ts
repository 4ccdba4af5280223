import { type PaymentId, placeOfId } from '@micropay/schemas/identifiers'
import type { LedgerEvent } from '@micropay/schemas/log/event'
import type { Request } from '@micropay/schemas/log/message'
import type { Leg } from '@micropay/schemas/log/payment-legs'
import type { LegsRefused, Sides } from '@micropay/schemas/log/saga-events'
import { transitId } from '@micropay/schemas/transit'
import { decideOwnLegs } from './booking.ts'
import { forcedLegs, isForced, type Repaired } from './forced-legs.ts'
import type { Decision, LedgerView } from './ledger.ts'
import { cancelled } from './saga.ts'
import { nothing, type StepFacts, type Stepped } from './stepped.ts'
import { lowOf, promisedBelow, type Step, steps } from './steps.ts'

export function decideRequest(message: Request, ledger: LedgerView, facts: StepFacts): Stepped {
  const { kind, payment, from, low, at, tenant, actor } = message
  const step = ledger.read(steps, payment)
  // It was ended before: whoever asks again is late.
  if (!step && placeOfId(payment).seq < lowOf(from, ledger)) return nothing
  const commit = (event: LedgerEvent): Stepped => {
    // Another owner has ended it by now, and this one has not read so: or its coordinator forgot it.
    const left = promisedBelow(from, low, ledger)
    if (left) return { kind: 'parked', reason: `${left} is promised here, and its coordinator has it open no more` }
    return { kind: 'accepted', events: [event], tenant, actor, causes: [{ partition: from, ...at }], low }
  }
  if (kind === 'prepare' || kind === 'settle') return step ? nothing : commit(ownLegs(message, ledger, facts))
  if (step?.promised && step.sides) return commit(toldOf(message, step.promised, step.sides))
  if (kind === 'cancel') return step ? nothing : commit(refusedLegs(payment, cancelled))
  if (step?.state === 'posted') return nothing
  if (!step && isForced(message, ledger)) return commit(forcedPosting(message, ledger, facts))
  return { kind: 'parked', reason: `${payment} is to be posted, and was ${step ? 'refused' : 'never promised'} here` }
}

type Asked = Extract<Request, { kind: 'prepare' | 'settle' }>
function forcedPosting(message: Repaired, ledger: LedgerView, facts: StepFacts): LedgerEvent {
  const { payment, from, effectiveAt } = message
  const { legs, sides } = forcedLegs(message, ledger, facts)
  const posting = { payment, legs, passed: passed(from, legs, -1n), effectiveAt, sides, promised: false }
  return postedLegs({ ...posting, forced: true })
}

/** What becomes of legs that are asked for: the last one who is asked posts them at once. */
function ownLegs(message: Asked, ledger: LedgerView, facts: StepFacts): LedgerEvent {
  const { kind, payment, from, effectiveAt, tenant, actor, mayBook } = message
  const { decidedAt, generation, partitions } = facts
  const rights = { tenant, subject: actor.subject, mayBook, decidedAt, generation, partitions, paymentId: payment }
  const sides = decideOwnLegs(message, ledger, rights)
  if ('kind' in sides) return refusedLegs(payment, refusalOf(sides))
  const legs = message.legs.map(({ leg: _, ...leg }) => leg)
  if (kind === 'prepare')
    return { type: 'LegsPrepared', version: 1, data: { paymentId: payment, legs, effectiveAt, sides } }
  return postedLegs({ payment, legs, passed: passed(from, legs, -1n), effectiveAt, sides, promised: false })
}

/** The word of the coordinator on legs that are promised. */
function toldOf({ kind, payment, from }: Request, promised: NonNullable<Step['promised']>, sides: Sides): LedgerEvent {
  const { legs, effectiveAt } = promised
  if (kind === 'cancel') return { type: 'LegsReleased', version: 2, data: { paymentId: payment, legs: [...legs] } }
  return postedLegs({ payment, legs, passed: passed(from, legs, -1n), effectiveAt, sides, promised: true })
}

type Posting = {
  readonly payment: PaymentId
  readonly legs: readonly Leg[]
  readonly passed: readonly Leg[]
  readonly effectiveAt: string
  readonly sides: Sides
  readonly promised: boolean
  readonly forced?: true
}

export function postedLegs({ payment, legs, passed, ...rest }: Posting): LedgerEvent {
  return { type: 'LegsPosted', version: 2, data: { paymentId: payment, legs: [...legs, ...passed], ...rest } }
}

function refusedLegs(paymentId: PaymentId, rejection: LegsRefused['rejection']): LedgerEvent {
  return { type: 'LegsRefused', version: 1, data: { paymentId, rejection } }
}

/** What legs bring in all (or, with -1, take), as legs of the transit account for a partition. */
export function passed(partition: number, legs: readonly Leg[], times: bigint): Leg[] {
  const sums = new Map<string, bigint>()
  for (const { amount, currency } of legs) sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(amount) * times)
  return [...sums].flatMap(([currency, minor]) => {
    // No account that somebody opens has such an id.
    const account = transitId(partition, currency) as Leg['account']
    return minor === 0n ? [] : [{ account, amount: minor.toString(), currency }]
  })
}

type Refusal = Extract<Decision, { kind: 'rejected' }>

function refusalOf({ code, detail, pointer, cause }: Refusal): LegsRefused['rejection'] {
  const [leg, member] = pointer?.startsWith('/') ? [undefined, pointer.slice(1)] : (pointer?.split('/') ?? [])
  return {
    ...{ code, detail },
    ...(leg === undefined ? {} : { leg: Number(leg) }),
    // It was made by `decideOwnLegs`, of these alone.
    ...(member === undefined ? {} : { member: member as NonNullable<LegsRefused['rejection']['member']> }),
    ...(cause === undefined ? {} : { cause }),
  }
}
