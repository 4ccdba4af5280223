import { isDeepStrictEqual } from 'node:util'
import { type PaymentId, type PeriodId, placeOfId } from '@micropay/schemas/identifiers'
import type { Cause, Commit } from '@micropay/schemas/log/commit'
import type { EventOf, LedgerEvent } from '@micropay/schemas/log/event'
import type { Answer, LedgerFact, PaymentMessage, SealedMessage } from '@micropay/schemas/log/message'
import { transitPartnerOf } from '@micropay/schemas/transit'
import type { LedgerView } from '../decide/ledger.ts'
import { HOME } from '../decide/ledger-facts.ts'
import { asksOf, sagas } from '../decide/saga.ts'
import { decideStep } from '../decide/step.ts'
import type { Given, Heard, Seals } from '../decide/stepped.ts'
import { steps } from '../decide/steps.ts'
import { historyGiven, historyStepIn, wrongInState } from './judge-history-step.ts'

type Place = { readonly partition: number; readonly partitions: number; readonly generation: number }

/**
 * Takes one step of a payment across partitions once more, against the ledger as it stood before it, and says what is
 * wrong with it; undefined for nothing. What was said to this partition is made from the causes and the events: that
 * they stand where they are said to, and say so, is judged over all partitions. Rights are not in the log of a
 * participant, and why its legs were refused is not judged, as of a command.
 */
export function judgeStep(commit: Commit, ledger: LedgerView, place: Place): string | undefined {
  const [event] = commit.events
  if (event?.type === 'LegsRefused') return judgeRefused(commit, event, ledger)
  const given = givenBy(commit, ledger, place)
  if (typeof given === 'string') return given
  const ofHistory = event && historyStepIn(event)
  const wrong = ofHistory && wrongInState(ofHistory, ledger)
  if (wrong !== undefined) return wrong
  const { decidedAt, seq } = commit
  const { partition, partitions, generation } = place
  const { heard, sealed = () => new Map() } = given
  const facts = { partition, partitions, generation, decidedAt, seq: seq - 1, heard, sealed }
  const stepped = decideStep(given.step, ledger, facts)
  if (stepped.kind === 'parked') return `the step cannot be taken: ${stepped.reason}`
  if (stepped.kind === 'nothing') return 'the step was taken before, or what it rests on is not all there'
  if (isDeepStrictEqual(stepped.events.map(asJudged), commit.events.map(asJudged))) return undefined
  return 'the step does not lead to the events that the commit holds'
}

function judgeRefused({ events, causes }: Commit, { data }: EventOf<'LegsRefused'>, ledger: LedgerView) {
  if (events.length !== 1 || causes?.length !== 1) return 'legs are refused by one event for one cause'
  const before = ledger.read(steps, data.paymentId)
  return before ? `the legs of ${data.paymentId} were ${before.state} before they were refused` : undefined
}

/** The name of a payment follows from accounts elsewhere, and its failure is what a participant said. */
function asJudged(event: LedgerEvent): object {
  if (event.type === 'PaymentCompleted') return { ...event, data: { ...event.data, kind: '' } }
  if (event.type === 'PeriodCalledOff')
    return { ...event, data: { ...event.data, rejection: event.data.rejection.code } }
  return event.type === 'PaymentFailed' ? { ...event, data: { ...event.data, rejection: '' } } : event
}

/** Whatever was handled was said after all that is gone. */
const NOW = Number.MAX_SAFE_INTEGER
const nobody = (): Heard => new Map()

type Rebuilt = {
  readonly step: Given
  readonly heard: (payment: PaymentId) => Heard
  readonly sealed?: (period: PeriodId) => Seals
}

function givenBy(commit: Commit, ledger: LedgerView, { partition }: Place): Rebuilt | string {
  const { command, events, causes = [] } = commit
  const [event] = events
  const none = `a ${command.type} holds ${event?.type ?? 'no event'}`
  if (!event) return none
  if (command.type === 'ExpirePayment') {
    const isOfTime = event.type === 'PaymentFailed' || event.type === 'CancelRequested'
    return isOfTime ? { step: { kind: 'expired', payment: event.data.paymentId }, heard: nobody } : none
  }
  const ofHistory = historyStepIn(event)
  if (ofHistory) {
    const step = historyGiven(ofHistory, commit, ledger, partition)
    return typeof step === 'string' ? step : { step, heard: nobody }
  }
  switch (event.type) {
    case 'PeriodSealed':
      return closingOn(commit, none)
    case 'PeriodClosed':
    case 'PeriodCalledOff':
      if (command.type === 'StepPeriod') return closingOn(commit, none)
      return toldBy(event, commit, partition)
    case 'PolicySet':
    case 'LedgerZoneSet':
    case 'PeriodClosing':
    case 'PeriodReopened':
      return toldBy(event, commit, partition)
    case 'PaymentEnded':
      return endedBy(event, causes, partition, ledger)
    case 'PaymentCompleted':
      return answeredBy(event.data.paymentId, causes, partition, ledger)
    case 'PaymentFailed':
      return failedBy(event, causes, partition)
    case 'LegsPrepared':
    case 'LegsPosted':
    case 'LegsReleased':
      return askedBy(event, commit, partition)
    default:
      return none
  }
}

/**
 * What others had sealed stands in their logs, and is judged over all partitions: here it is what makes the step, a
 * posting behind the figures where they are said to have changed, and none where the period was closed.
 */
function closingOn({ command, events: [event], causes = [] }: Commit, none: string): Rebuilt | string {
  if (command.type !== 'StepPeriod') return none
  const code = event?.type === 'PeriodCalledOff' ? event.data.rejection.code : undefined
  const said = (period: PeriodId, cause: Cause): SealedMessage => {
    const at = code === 'period_not_reached' ? { ...cause, seq: 0 } : { ...cause, seq: Number.MAX_SAFE_INTEGER }
    const touched = code === 'period_changed' ? Number.MAX_SAFE_INTEGER : 0
    return { kind: 'sealed', from: cause.partition, to: HOME, asOf: NOW, period, at, touched }
  }
  const sealed = (period: PeriodId) => new Map(causes.map((cause) => [cause.partition, said(period, cause)]))
  return { step: { kind: 'closings' }, heard: nobody, sealed }
}

/** That its home says so, in this order, is judged over all partitions. */
function toldBy(fact: LedgerFact, commit: Commit, partition: number): Rebuilt | string {
  const { causes: [cause] = [], tenant, actor, command } = commit
  if (!cause || command.type !== 'TakeFact') return `a ${command.type} holds ${fact.type}`
  const way = { from: cause.partition, to: partition, asOf: NOW, at: cause, after: 0 }
  return { step: { kind: 'told', message: { kind: 'fact', ...way, tenant, actor, fact } }, heard: nobody }
}

function askedBy(event: EventOf<'LegsPrepared' | 'LegsPosted' | 'LegsReleased'>, commit: Commit, partition: number) {
  const { causes: [cause] = [], tenant, actor, low = 0 } = commit
  const payment = event.data.paymentId
  if (!cause) return 'a participant acts on the word of a coordinator, and the commit names none'
  const head = { payment, from: cause.partition, to: partition, asOf: NOW, at: cause, low, tenant, actor }
  const told = (message: PaymentMessage): Rebuilt => ({ step: { kind: 'heard', message }, heard: nobody })
  if (event.type === 'LegsReleased') return told({ kind: 'cancel', ...head })
  if (event.type === 'LegsPosted' && event.data.promised) return told({ kind: 'commit', ...head })
  const legs = event.data.legs
    .filter(({ account }) => transitPartnerOf(account) === undefined)
    .map((leg, index) => ({ ...leg, leg: index }))
  const { effectiveAt } = event.data
  if (event.type === 'LegsPosted' && event.data.forced) return told({ kind: 'commit', ...head, legs, effectiveAt })
  const asked = { ...head, legs, mayBook: true, effectiveAt }
  return told({ kind: event.type === 'LegsPrepared' ? 'prepare' : 'settle', ...asked })
}

function answeredBy(payment: PaymentId, causes: readonly Cause[], partition: number, ledger: LedgerView) {
  const isPreparing = ledger.read(sagas, payment)?.state === 'preparing'
  const answers = causes.map((cause): Answer => {
    const done = doneOf(payment, cause, partition)
    return isPreparing && done.kind === 'posted' ? { ...done, kind: 'prepared' } : done
  })
  const last = answers.at(-1)
  if (!last) return 'a payment comes about on the word of others, and the commit names none'
  return heardLast(last, answers)
}

function failedBy({ data }: EventOf<'PaymentFailed'>, [cause]: readonly Cause[], partition: number) {
  if (!cause) return 'a payment fails for a reason, and the commit names none'
  const said = refusedOf(data.paymentId, cause, partition)
  return heardLast(said, [said])
}

function heardLast(message: Answer, answers: readonly Answer[]): Rebuilt {
  const heard = new Map(answers.map((answer) => [answer.from, answer]))
  return { step: { kind: 'heard', message }, heard: () => heard }
}

/** The causes of each payment, one after the other, are the answers of its participants. */
function endedBy({ data }: EventOf<'PaymentEnded'>, causes: readonly Cause[], partition: number, ledger: LedgerView) {
  const { paymentIds } = data
  const [first] = paymentIds
  const wanted = paymentIds.map((payment) => asksIn(payment, ledger))
  if (wanted.flat().join() !== causes.map((cause) => cause.partition).join()) {
    return 'payments end once all have done what was decided, and the commit does not name them all'
  }
  if (!first || placeOfId(first).partition !== partition) return 'no payment of this partition ends'
  let next = 0
  const answers = new Map<PaymentId, Heard>()
  for (const [index, payment] of paymentIds.entries()) {
    const own = causes.slice(next, next + (wanted[index]?.length ?? 0))
    next += own.length
    const said = ledger.read(sagas, payment)?.state === 'completed' ? doneOf : refusedOf
    answers.set(payment, new Map(own.map((cause) => [cause.partition, said(payment, cause, partition)])))
  }
  return {
    step: { kind: 'ended' as const, payments: paymentIds },
    heard: (payment: PaymentId) => answers.get(payment) ?? nobody(),
  }
}

function asksIn(payment: PaymentId, ledger: LedgerView): readonly number[] {
  const saga = ledger.read(sagas, payment)
  return saga ? asksOf(saga) : []
}

function doneOf(payment: PaymentId, cause: Cause, to: number): Answer {
  return {
    kind: 'posted',
    payment,
    from: cause.partition,
    to,
    asOf: NOW,
    at: cause,
    sides: { debited: [], credited: [] },
  }
}

function refusedOf(payment: PaymentId, cause: Cause, to: number): Answer {
  const rejection = { code: 'payment_cancelled' as const, detail: '' }
  return { kind: 'refused', payment, from: cause.partition, to, asOf: NOW, at: cause, rejection }
}
