import { placeOfId } from '@micropay/schemas/identifiers'
import {
  commitAt,
  type Data,
  type Event,
  type Named,
  type Step,
  spanAround,
  wrongCauses,
  wrongResume,
} from './cause-rules.ts'
import { passed, same, sumOf } from './leg-sums.ts'
import { type Begun, isTransit, type Leg, legsOn } from './truth.ts'

type HistoryEvent = Event<'LegsRecalled' | 'LegsWrittenOff' | 'PaymentReopened' | 'HistoryAccepted' | 'HistoryAnswered'>

/** What is wrong with what a partition makes good of history that was lost. */
export function wrongInHistory(event: HistoryEvent, step: Step): string | undefined {
  switch (event.type) {
    case 'LegsRecalled':
      return wrongRecall(event.data, step)
    case 'LegsWrittenOff':
      return wrongWriteOff(event.data, step)
    case 'PaymentReopened':
      return wrongReopening(event.data, step)
    case 'HistoryAccepted':
      return wrongAcceptance(event.data, step)
    case 'HistoryAnswered':
      return wrongAnswer(event.data, step)
  }
}

/** The payment began in what its coordinator has lost. */
export function wrongGone({ paymentId }: Named, step: Step): string | undefined {
  const { partition } = placeOfId(paymentId)
  if (!spanAround(step, placeOfId(paymentId))) return 'and the payment is there'
  return wrongResume(step, partition)
}

function wrongRecall({ paymentId, state, at }: Data<'LegsRecalled'>, step: Step): string | undefined {
  const before = step.truth.parts.get(paymentId)?.state
  if (before !== state) return `as ${state}, and it was ${before}`
  if (step.truth.at(at.seq)?.hash !== at.hash) return `which ${at.seq} does not say`
  return wrongResume(step, placeOfId(paymentId).partition)
}

function wrongWriteOff(data: Data<'LegsWrittenOff'>, step: Step): string | undefined {
  const { partition } = step.truth
  const before = step.truth.parts.get(data.paymentId)
  if (before?.state !== 'posted') return `after ${before?.state}`
  const suspense = sumOf(before.legs).map(([currency, minor]): Leg => {
    return { account: `suspense/${partition}/${currency}`, amount: String(-minor), currency }
  })
  const transit = passed(placeOfId(data.paymentId).partition, before.legs, 1n)
  return same(data.legs, [...transit, ...suspense]) ? wrongGone(data, step) : 'something else moves'
}

/** It was over on answers that are gone, or is open and does not ask whoever gave them. */
function wrongReopening({ paymentId, outcome, asks, legs }: Data<'PaymentReopened'>, step: Step): string | undefined {
  const payment = step.truth.begun.get(paymentId)
  if (payment?.state !== outcome) return `as ${outcome}, and it is ${payment?.state}`
  if (!same(legs, payment.legs)) return 'other legs'
  const others = payment.ended ? [] : payment.asks
  const [cause] = step.commit.causes ?? []
  const asked = [...others, cause?.partition ?? -1].sort((one, other) => one - other)
  if (asked.join() !== asks.join()) return `it asks ${asks}, and not ${asked}`
  const answer = payment.answers.get(cause?.partition ?? -1)
  const isLost = answer !== undefined && spanAround(step, { partition: cause?.partition ?? -1, seq: answer })
  return isLost ? wrongResume(step, cause?.partition ?? -1) : `though ${cause?.partition}:${answer} stands`
}

/** All that follows from what is gone stands in front of it. */
function wrongAcceptance({ partition, lost }: Data<'HistoryAccepted'>, step: Step): string | undefined {
  const wrong = wrongResume(step, partition)
  if (wrong !== undefined) return wrong
  const isLost = (seq: number) => lost.some((span) => span.after < seq && seq < span.seq)
  for (const [paymentId, { state }] of step.truth.parts) {
    const place = placeOfId(paymentId)
    const isLeft = state === 'prepared' || state === 'posted'
    if (place.partition === partition && isLost(place.seq) && isLeft) return `${paymentId} is ${state}, and gone`
  }
  for (const [paymentId, { answers, ended, asks }] of step.truth.begun) {
    const answer = answers.get(partition)
    if (answer !== undefined && isLost(answer) && (ended || !asks.includes(partition)))
      return `${paymentId} is over on ${partition}:${answer}, which is gone`
  }
  return undefined
}

function wrongAnswer({ partition }: Data<'HistoryAnswered'>, step: Step): string | undefined {
  const { truth, commit } = step
  if (!truth.unanswered.has(partition)) return `${partition} has answered before`
  const [cause] = commit.causes ?? []
  if (cause?.partition !== partition) return `${partition} has not said so`
  if (spanAround(step, cause)) return undefined
  const said = commitAt(step, cause)?.events.find((event) => event.type === 'HistoryAccepted')?.data
  return said?.partition === truth.partition ? undefined : `${partition}:${cause.seq} does not accept it`
}

/** Whoever posted it was told to, by what is lost here. */
export function wrongLearned(data: Data<'PaymentCompleted'>, payment: Begun, step: Step): string | undefined {
  const [from = -1] = step.commit.causes?.map(({ partition }) => partition) ?? []
  if (step.truth.spans.length === 0) return 'nothing was ever lost here'
  if (!payment.participants.includes(from)) return `from ${from}`
  return wrongCauses(step, data, [['LegsPosted']])
}

/** What had been promised and is lost here is posted whatever limits say; what has no open account is in suspense. */
export function wrongForced(data: Data<'LegsPosted'>, payment: Begun | undefined, step: Step): string | undefined {
  const { truth } = step
  if (truth.spans.length === 0) return 'nothing was ever lost here'
  const before = truth.parts.get(data.paymentId)
  if (before) return `again, after ${before.state}`
  if (!payment) return spanAround(step, placeOfId(data.paymentId)) ? undefined : 'it never began'
  const wanted = legsOn(truth.partition, payment.legs).map((leg): Leg => {
    const account = truth.accounts.get(leg.account)
    const isOpen = account && account.status !== 'closed'
    return isOpen ? leg : { ...leg, account: `suspense/${truth.partition}/${leg.currency}` }
  })
  const transit = passed(placeOfId(data.paymentId).partition, wanted, -1n)
  if (!same(data.legs, [...wanted, ...transit])) return 'other legs'
  const isAll = data.legs.every(
    ({ account }) => isTransit(account) || truth.accounts.has(account) || isSuspense(account),
  )
  return isAll ? wrongCauses(step, data, [['PaymentCompleted', 'PaymentReopened']]) : 'an account that is not there'
}

const isSuspense = (account: string) => account.startsWith('suspense/')
