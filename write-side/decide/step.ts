import { type PaymentId, placeOfId } from '@micropay/schemas/identifiers'
import type { LedgerEvent } from '@micropay/schemas/log/event'
import {
  type Accepted,
  type Answer,
  isRequest,
  type PaymentMessage,
  type StepTold,
  type ToldFact,
} from '@micropay/schemas/log/message'
import type { Leg } from '@micropay/schemas/log/payment-legs'
import { postingsOf } from '@micropay/schemas/log/payment-versions'
import type { LegsRefused, Sides } from '@micropay/schemas/log/saga-events'
import { partitionOf } from '@micropay/schemas/placement'
import { decideFinding, decideHistoryAccepted, decideHistoryAnswered, learnable } from './answer-history.ts'
import { kindBetween } from './check-legs.ts'
import { decideClosings } from './closing-step.ts'
import { isBlocked, isDropped, isOfGone, stillSaid } from './history.ts'
import type { LedgerView } from './ledger.ts'
import { factsKnown, HOME } from './ledger-facts.ts'
import { decideRequest, passed, postedLegs } from './participant-step.ts'
import { pointerInto } from './payment.ts'
import { notTheirs } from './refund.ts'
import { asksOf, type Saga, sagas } from './saga.ts'
import { type Given, type Heard, isOfHistory, LEDGER, nothing, type StepFacts, type Stepped } from './stepped.ts'

/** One step of a payment across partitions, by the table in docs/log-protocol.md. Pure. */
export function decideStep(given: Given, ledger: LedgerView, facts: StepFacts): Stepped {
  if (given.kind === 'ended') return decideEnded(given.payments, ledger, facts)
  if (given.kind === 'expired') return decideExpired(given.payment, ledger, facts)
  if (given.kind === 'closings') return decideClosings(ledger, facts)
  if (given.kind === 'told') return decideFact(given.message, ledger, facts)
  if (given.kind === 'turn') return nothing
  if (isOfHistory(given) && isOfGone(given.message, ledger)) return nothing
  if (given.kind === 'found') return decideFinding(given.message, given.finding, ledger, facts)
  if (given.kind === 'accepting') return decideHistoryAccepted(given.message, given.findings, ledger)
  if (given.kind === 'learned') return decideLearned(given.message, given.told, ledger, facts)
  if (given.kind === 'answered') return decideHistoryAnswered(given.message, ledger)
  const { message } = given
  if (isDropped(message, ledger)) return nothing
  const fault = faultIn(message, facts)
  if (fault) return { kind: 'parked', reason: fault }
  return isRequest(message) ? decideRequest(message, ledger, facts) : decideAnswer(message, ledger, facts)
}

/** A fact of the whole ledger, in its turn. */
function decideFact(message: ToldFact, ledger: LedgerView, facts: StepFacts): Stepped {
  const { from, at, after, tenant, actor, fact } = message
  if (isDropped(message, ledger)) return nothing
  if (from !== HOME || facts.partition === HOME)
    return { kind: 'parked', reason: 'it is told by who does not decide it' }
  const known = factsKnown(ledger)
  if (at.seq <= known || after > known) return nothing
  // What is decided here from now on counts behind the days, whichever clock goes ahead of the other.
  if (fact.type === 'PeriodClosing' && facts.decidedAt < fact.data.before) return nothing
  return { kind: 'accepted', events: [fact], tenant, actor, causes: [{ partition: from, ...at }] }
}

/** A message that was made by the rules says nothing of the kind. */
function faultIn(message: PaymentMessage, { partition, partitions }: StepFacts): string | undefined {
  const { payment, from, to } = message
  if (to !== partition) return `it is for partition ${to}, and came to ${partition}`
  if (from === to || from >= partitions) return `it says that it comes from partition ${from}`
  const coordinator = isRequest(message) ? from : to
  if (placeOfId(payment).partition !== coordinator) return `partition ${coordinator} does not coordinate ${payment}`
  if (!('legs' in message) || !message.legs) return undefined
  const foreign = message.legs.find(({ account }) => partitionOf(account, partitions) !== partition)
  return foreign && `${foreign.account} does not live here`
}

function decideAnswer(message: Answer, ledger: LedgerView, facts: StepFacts): Stepped {
  const { payment, from } = message
  const saga = ledger.read(sagas, payment)
  if (!saga && placeOfId(payment).seq <= facts.seq) return nothing
  if (!saga) return { kind: 'parked', reason: `${payment} was never begun here` }
  if (!saga.participants.includes(from))
    return { kind: 'parked', reason: `${payment} has no legs on partition ${from}` }
  if (isBlocked(saga, ledger)) return nothing
  const heard = new Map(stillSaid(facts.heard(payment), ledger)).set(from, message)
  const on = decidedBy(saga, message, heard)
  if (on.length === 0) return nothing
  const isLast = saga.state !== 'preparing' || (message.kind === 'refused' && asksOf(saga).length === 1)
  const events =
    message.kind === 'refused'
      ? failed(payment, saga, failureOf(saga, message.rejection), isLast, facts)
      : completed(payment, saga, on.flatMap(sidesIn), { ended: isLast }, facts)
  return stepOf(saga, events, on)
}

/** The answers that decide it, with this one as the last of them; none where it changes nothing. */
function decidedBy(saga: Saga, message: Answer, heard: Heard): readonly Answer[] {
  const { state } = saga
  if (state === 'completed' || state === 'failed') return []
  if (message.kind === 'refused') return [message]
  if (state !== 'preparing') return message.kind === 'posted' ? [message] : []
  const asks = asksOf(saga)
  const promised = asks.map((each) => heard.get(each)).filter((answer) => answer?.kind === 'prepared')
  return promised.length === asks.length ? promised : []
}

function stepOf({ tenant, actor }: Saga, events: readonly LedgerEvent[], on: readonly Answer[]): Stepped {
  const causes = on.map(({ from, at }) => ({ partition: from, ...at }))
  return { kind: 'accepted', events, tenant, actor, causes }
}

function sidesIn(answer: Answer): Sides[] {
  return answer.kind === 'refused' ? [] : [answer.sides]
}

/** It was decided before, in what was lost here: whoever has posted it was told to. */
function decideLearned(message: Accepted, told: StepTold, ledger: LedgerView, facts: StepFacts): Stepped {
  const saga = learnable(message, told, ledger)
  if (!saga) return nothing
  const how = { ended: saga.state !== 'preparing', learned: true as const }
  const { tenant, actor } = saga
  const events = completed(told.payment, saga, told.sides ? [told.sides] : [], how, facts)
  return { kind: 'accepted', events, tenant, actor, causes: [{ partition: message.from, ...told.at }] }
}

/** It happens: own legs are posted; what passes to others stands on transit accounts until they say that it came. */
function completed(
  payment: PaymentId,
  saga: Saga,
  told: readonly Sides[],
  how: { readonly ended: boolean; readonly learned?: true },
  facts: StepFacts,
): LedgerEvent[] {
  const { legs, participants, effectiveAt, sides } = saga
  const all = [sides, ...told]
  const kind =
    saga.kind ??
    kindBetween({ debited: all.flatMap((each) => each.debited), credited: all.flatMap((each) => each.credited) })
  const between = participants.flatMap((other) => passed(other, legsOn(other, legs, facts), 1n))
  const own = legsOn(facts.partition, legs, facts)
  const posting = { payment, legs: own, passed: between, effectiveAt, sides, promised: true }
  const decision: LedgerEvent = { type: 'PaymentCompleted', version: 2, data: { paymentId: payment, kind, ...how } }
  return own.length + between.length === 0 ? [decision] : [decision, postedLegs(posting)]
}

function legsOn(partition: number, legs: readonly Leg[], { partitions }: Pick<StepFacts, 'partitions'>): Leg[] {
  return legs.filter(({ account }) => partitionOf(account, partitions) === partition)
}

type Failure = Extract<LedgerEvent, { type: 'PaymentFailed' }>['data']['rejection']

/** It happens nowhere: own promises end. */
export function failed(
  payment: PaymentId,
  saga: Saga,
  rejection: Failure,
  ended: boolean,
  facts: Pick<StepFacts, 'partition' | 'partitions'>,
): LedgerEvent[] {
  const own = legsOn(facts.partition, saga.legs, facts)
  return [
    { type: 'PaymentFailed', version: 1, data: { paymentId: payment, rejection, ended } },
    ...(own.length === 0
      ? []
      : [{ type: 'LegsReleased' as const, version: 2 as const, data: { paymentId: payment, legs: own } }]),
  ]
}

/** What the giver of the command is told, with the place in the request. */
function failureOf(
  { legs, cancelled: code, reverses, mayBook }: Saga,
  { leg, member, ...rejection }: LegsRefused['rejection'],
): Failure {
  if (code !== undefined && rejection.code === 'payment_cancelled') return { code, detail: failureWords[code] }
  if (reverses && !mayBook && rejection.code === 'account_not_found') {
    return { code: 'payment_not_found', detail: notTheirs(reverses.paymentId) }
  }
  const pointer = pointerTo(legs, leg, member)
  return { ...rejection, ...(pointer === undefined ? {} : { pointer }) }
}

export const failureWords = {
  payment_cancelled: 'it was cancelled while it was under way: nothing moved',
  payment_expired: 'where its other accounts live did not answer in time: nothing moved, so try again with a new key',
}

function pointerTo(legs: readonly Leg[], leg: number | undefined, member: LegsRefused['rejection']['member']) {
  if (member === 'effectiveAt') return '/effectiveAt'
  if (leg === undefined || member === undefined) return undefined
  return pointerInto(postingsOf(legs) !== undefined)(leg, member)
}

/** Its time is over: who alone decides it lets it be, and may have decided by then. */
function decideExpired(payment: PaymentId, ledger: LedgerView, facts: StepFacts): Stepped {
  const saga = ledger.read(sagas, payment)
  if (saga && (facts.decidedAt < saga.deadline || isBlocked(saga, ledger))) return nothing
  if (saga?.state === 'preparing') {
    const rejection = { code: 'payment_expired' as const, detail: failureWords.payment_expired }
    return stepOf(saga, failed(payment, saga, rejection, false, facts), [])
  }
  if (saga?.state !== 'asked') return nothing
  return stepOf(
    saga,
    [{ type: 'CancelRequested', version: 1, data: { paymentId: payment, code: 'payment_expired' } }],
    [],
  )
}

/** Payments of one tenant whose participants have all done what was decided. */
function decideEnded(payments: readonly PaymentId[], ledger: LedgerView, facts: StepFacts): Stepped {
  const done = payments.flatMap((payment) => {
    const saga = ledger.read(sagas, payment)
    const isHeld = !saga || isBlocked(saga, ledger)
    const answers = isHeld ? undefined : doneBy(saga, stillSaid(facts.heard(payment), ledger))
    return saga && answers ? [{ payment, saga, answers }] : []
  })
  const [first] = done
  if (!first) return nothing
  const ended = done.filter(({ saga }) => saga.tenant === first.saga.tenant)
  const paymentIds = ended.map(({ payment }) => payment)
  const answers = ended.flatMap((each) => each.answers)
  return stepOf({ ...first.saga, actor: LEDGER }, [{ type: 'PaymentEnded', version: 1, data: { paymentIds } }], answers)
}

/** The answers of all participants that say so; undefined where one is missing. */
export function doneBy(saga: Saga, heard: Heard): readonly Answer[] | undefined {
  const { state } = saga
  const asks = asksOf(saga)
  const wanted = state === 'completed' ? 'posted' : state === 'failed' ? 'refused' : undefined
  const answers = asks.flatMap((each) => heard.get(each) ?? []).filter(({ kind }) => kind === wanted)
  return answers.length === asks.length ? answers : undefined
}
