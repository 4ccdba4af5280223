import { type PaymentId, placeOfId } from '@micropay/schemas/identifiers'
import type { Actor } from '@micropay/schemas/log/actor'
import type { LedgerEvent } from '@micropay/schemas/log/event'
import { type Answer, isRequest, type PaymentMessage, type ToldFact } from '@micropay/schemas/log/message'
import type { Leg } from '@micropay/schemas/log/payment-legs'
import { postingsOf } from '@micropay/schemas/log/payment-versions'
import type { LegsRefused } from '@micropay/schemas/log/saga-events'
import { partitionOf } from '@micropay/schemas/placement'
import { kindBetween } from './check-legs.ts'
import { decideClosings } from './closing-step.ts'
import type { LedgerView } from './ledger.ts'
import { factsKnown, HOME } from './ledger-facts.ts'
import { decideRequest, passed, postedLegs } from './participant-step.ts'
import { pointerInto } from './payment.ts'
import { notTheirs } from './refund.ts'
import { type Saga, sagas } from './saga.ts'
import { type Given, type Heard, nothing, type StepFacts, type Stepped } from './stepped.ts'

/** One step of a payment across partitions, by the table in docs/log-protocol.md. Pure. */
export function decideStep(given: Given, ledger: LedgerView, facts: StepFacts): Stepped {
  if (given.kind === 'ended') return decideEnded(given.payments, ledger, facts)
  if (given.kind === 'expired') return decideExpired(given.payment, ledger, facts)
  if (given.kind === 'closings') return decideClosings(ledger, facts)
  if (given.kind === 'told') return decideFact(given.message, ledger, facts)
  const { message } = given
  const fault = faultIn(message, facts)
  if (fault) return { kind: 'parked', reason: fault }
  return isRequest(message) ? decideRequest(message, ledger, facts) : decideAnswer(message, ledger, facts)
}

/** A fact of the whole ledger, in its turn. */
function decideFact({ from, at, after, tenant, actor, fact }: ToldFact, ledger: LedgerView, facts: StepFacts): Stepped {
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
  if (!('legs' in message)) return undefined
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
  const heard = new Map(facts.heard(payment)).set(from, message)
  const on = decidedBy(saga, message, heard)
  if (on.length === 0) return nothing
  const isLast = saga.state !== 'preparing' || (message.kind === 'refused' && saga.participants.length === 1)
  const events =
    message.kind === 'refused'
      ? failed(payment, saga, failureOf(saga, message.rejection), isLast, facts)
      : completed(payment, saga, on, isLast, facts)
  return stepOf(saga, events, on)
}

/** The answers that decide it, with this one as the last of them; none where it changes nothing. */
function decidedBy({ state, participants }: Saga, message: Answer, heard: Heard): readonly Answer[] {
  if (state === 'completed' || state === 'failed') return []
  if (message.kind === 'refused') return [message]
  if (state !== 'preparing') return message.kind === 'posted' ? [message] : []
  const promised = participants.map((each) => heard.get(each)).filter((answer) => answer?.kind === 'prepared')
  return promised.length === participants.length ? promised : []
}

function stepOf({ tenant, actor }: Saga, events: readonly LedgerEvent[], on: readonly Answer[]): Stepped {
  const causes = on.map(({ from, at }) => ({ partition: from, ...at }))
  return { kind: 'accepted', events, tenant, actor, causes }
}

/** It happens: own legs are posted; what passes to others stands on transit accounts until they say that it came. */
function completed(
  payment: PaymentId,
  saga: Saga,
  on: readonly Answer[],
  ended: boolean,
  facts: StepFacts,
): LedgerEvent[] {
  const { legs, participants, effectiveAt, sides } = saga
  const told = on.flatMap((answer) => (answer.kind === 'refused' ? [] : [answer.sides]))
  const all = [sides, ...told]
  const kind =
    saga.kind ??
    kindBetween({ debited: all.flatMap((each) => each.debited), credited: all.flatMap((each) => each.credited) })
  const between = participants.flatMap((other) => passed(other, legsOn(other, legs, facts), 1n))
  const own = legsOn(facts.partition, legs, facts)
  const posting = { payment, legs: own, passed: between, effectiveAt, sides, promised: true }
  const decision: LedgerEvent = { type: 'PaymentCompleted', version: 1, data: { paymentId: payment, kind, ended } }
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
      : [{ type: 'LegsReleased' as const, version: 1 as const, data: { paymentId: payment, legs: own } }]),
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
  if (saga && facts.decidedAt < saga.deadline) return nothing
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
    const answers = saga ? doneBy(saga, facts.heard(payment)) : undefined
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
export function doneBy({ state, participants }: Saga, heard: Heard): readonly Answer[] | undefined {
  const wanted = state === 'completed' ? 'posted' : state === 'failed' ? 'refused' : undefined
  const answers = participants.flatMap((each) => heard.get(each) ?? []).filter(({ kind }) => kind === wanted)
  return answers.length === participants.length ? answers : undefined
}

/** What the ledger does of itself, and for nobody. */
const LEDGER: Actor = { subject: 'ledger', client: 'ledger' }
