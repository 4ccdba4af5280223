import { paymentIdAt, placeOfId } from '@micropay/schemas/identifiers'
import type { LedgerEvent } from '@micropay/schemas/log/event'
import { partitionOf } from '@micropay/schemas/placement'
import {
  commitAt,
  type Data,
  type Event,
  isAccepted,
  type Kinds,
  type Named,
  type Step,
  spanAround,
  wrongCauses,
} from './cause-rules.ts'
import { wrongForced, wrongGone, wrongInHistory, wrongLearned } from './history-rules.ts'
import { passed, same, sumOf } from './leg-sums.ts'
import { reasonsAgainst } from './partition-rules.ts'
import { PARTITIONS } from './partitions.ts'
import { isLocked, wrongDate, wrongInPeriod } from './period-rules.ts'
import { type Begun, isCoordinator, isTransit, type Leg, legsOn } from './truth.ts'

/** The first thing that is wrong with what a commit says of payments across partitions. */
export function wrongInStep(step: Step): string | undefined {
  for (const event of step.commit.events) {
    const wrong = wrongInEvent(event, step) ?? wrongDate(event, step)
    if (wrong !== undefined) return `${event.type}: ${wrong}`
  }
  return wrongLow(step) ?? wrongTenant(step)
}

function wrongInEvent(event: LedgerEvent, step: Step): string | undefined {
  switch (event.type) {
    case 'PaymentInitiated':
      return wrongBeginning(event.data, step)
    case 'LegsPrepared':
      return wrongPromise(event.data, step)
    case 'LegsPosted':
      return isOwn(event.data, step) ? wrongOwnPosting(event.data, step) : wrongPosting(event.data, step)
    case 'LegsReleased':
      return wrongRelease(event.data, step)
    case 'LegsRefused':
      return wrongRefusal(event.data, step)
    case 'PaymentCompleted':
      return wrongCompletion(event.data, step)
    case 'PaymentFailed':
      return wrongFailure(event.data, step)
    case 'CancelRequested':
      return stateOf(event.data, step) === 'asked' ? undefined : `it is ${stateOf(event.data, step)}`
    case 'PaymentEnded':
      return wrongEnd(event.data, step)
    case 'LedgerZoneSet':
      return wrongZone(event.data, step)
    case 'LegsRecalled':
    case 'LegsWrittenOff':
    case 'PaymentReopened':
    case 'HistoryAccepted':
    case 'HistoryAnswered':
      return wrongInHistory(event, step)
    case 'PeriodClosing':
    case 'PeriodSealed':
    case 'PeriodClosed':
    case 'PeriodCalledOff':
      return wrongInPeriod(event, step)
    case 'PaymentPosted':
      return partsOf(event.data.legs).join() === String(step.truth.partition)
        ? unfit(event.data.legs, step)
        : 'elsewhere'
    default:
      return undefined
  }
}

const isOwn = ({ paymentId }: Named, { truth }: Step) => isCoordinator(truth.partition, paymentId)
const stateOf = ({ paymentId }: Named, { truth }: Step) => truth.begun.get(paymentId)?.state ?? 'not there'
const begunOf = ({ paymentId }: Named, { truths }: Step): Begun | undefined =>
  truths[placeOfId(paymentId).partition]?.begun.get(paymentId)

/** Its beginning is gone, and what was asked for with it. */
function isLost({ paymentId }: Named, step: Step): boolean {
  return spanAround(step, placeOfId(paymentId)) !== undefined
}

function partsOf(legs: readonly Leg[]): number[] {
  return [...new Set(legs.map(({ account }) => partitionOf(account, PARTITIONS)))].sort((one, other) => one - other)
}

/** The partition of the account that pays and sorts first; of a refund the one that has the payment. */
function homeOf({ legs, reverses }: Data<'PaymentInitiated'>): number {
  if (reverses) return placeOfId(reverses.paymentId).partition
  const [first = ''] = legs
    .filter(({ amount }) => amount.startsWith('-'))
    .map(({ account }) => account)
    .sort()
  return partitionOf(first, PARTITIONS)
}

function unfit(legs: readonly Leg[], { truth }: Step): string | undefined {
  const [reason] = reasonsAgainst(legsOn(truth.partition, legs), truth)
  return reason && `it is against ${reason}`
}

function wrongBeginning(data: Data<'PaymentInitiated'>, { commit, truth, ...rest }: Step): string | undefined {
  const { partition } = truth
  const { paymentId, legs, participants, settles } = data
  if (paymentId !== paymentIdAt(partition, commit.seq)) return `it is called ${paymentId} at ${partition}:${commit.seq}`
  if (homeOf(data) !== partition) return `partition ${homeOf(data)} decides it`
  if (
    partsOf(legs)
      .filter((each) => each !== partition)
      .join() !== participants.join()
  )
    return `with ${participants}`
  if (settles && participants.length > 1) return 'several are asked to decide'
  if (sumOf(legs).length > 0) return 'it does not balance'
  const openForMs = Date.parse(data.deadline) - Date.parse(commit.decidedAt)
  return openForMs === 60_000 ? unfit(legs, { commit, truth, ...rest }) : `it may stay open for ${openForMs} ms`
}

function wrongPromise(data: Data<'LegsPrepared'>, step: Step): string | undefined {
  const { commit, truth } = step
  if (isOwn(data, step)) {
    const began = commit.events.find((event): event is Event<'PaymentInitiated'> => event.type === 'PaymentInitiated')
    if (began?.data.paymentId !== data.paymentId) return 'own legs are promised when a payment begins'
    return same(data.legs, legsOn(truth.partition, began.data.legs)) ? undefined : 'other legs'
  }
  const payment = begunOf(data, step)
  if (truth.parts.has(data.paymentId)) return `again, after ${truth.parts.get(data.paymentId)?.state}`
  if (isLost(data, step)) return wrongCauses(step, data, [['PaymentInitiated']])
  if (!payment || !same(data.legs, legsOn(truth.partition, payment.legs))) return 'other legs'
  return wrongCauses(step, data, [['PaymentInitiated']]) ?? unfit(data.legs, step)
}

function wrongOwnPosting(data: Data<'LegsPosted'>, step: Step): string | undefined {
  const { commit, truth } = step
  const payment = truth.begun.get(data.paymentId)
  const decided = commit.events.some(({ type }) => type === 'PaymentCompleted')
  if (!payment || !decided) return 'before the payment is decided'
  const others = payment.participants.flatMap((other) => passed(other, legsOn(other, payment.legs), 1n))
  return same(data.legs, [...legsOn(truth.partition, payment.legs), ...others]) ? undefined : 'other legs'
}

function wrongPosting(data: Data<'LegsPosted'>, step: Step): string | undefined {
  const { truth } = step
  const { partition } = truth
  const [before, payment] = [truth.parts.get(data.paymentId)?.state, begunOf(data, step)]
  const own = data.legs.filter(({ account }) => !isTransit(account))
  if (data.forced) return wrongForced(data, payment, step)
  if (isLost(data, step)) return wrongCauses(step, data, [data.promised ? [] : ['PaymentInitiated']])
  if (!payment || !same(own, legsOn(partition, payment.legs))) return 'other legs'
  const transit = passed(placeOfId(data.paymentId).partition, own, -1n)
  if (
    !same(
      data.legs.filter(({ account }) => isTransit(account)),
      transit,
    )
  )
    return 'something else passes'
  if (before !== (data.promised ? 'prepared' : undefined)) return `after ${before}`
  if (data.promised) return wrongCauses(step, data, [['PaymentCompleted', 'PaymentReopened']])
  const [cause] = step.commit.causes ?? []
  const settles = commitAt(step, cause)?.events[0]
  const isThere = cause && !spanAround(step, cause)
  if (isThere && !(settles?.type === 'PaymentInitiated' && settles.data.settles)) return 'before the payment is decided'
  return wrongCauses(step, data, [['PaymentInitiated']]) ?? unfit(own, step)
}

function wrongRelease(data: Data<'LegsReleased'>, step: Step): string | undefined {
  const { commit, truth } = step
  if (isOwn(data, step))
    return commit.events.some(({ type }) => type === 'PaymentFailed') ? undefined : 'and the payment has not failed'
  const before = truth.parts.get(data.paymentId)
  if (before?.state !== 'prepared') return `after ${before?.state}`
  if (!same(before.legs, data.legs)) return 'other legs'
  return data.code ? wrongGone(data, step) : wrongCauses(step, data, [['PaymentFailed', 'PaymentReopened']])
}

function wrongRefusal(data: Data<'LegsRefused'>, step: Step): string | undefined {
  const { truth, commit } = step
  const before = truth.parts.get(data.paymentId)
  if (before) return `after ${before.state}`
  const cause = commitAt(step, commit.causes?.[0])
  const { code } = data.rejection
  const asked = begunOf(data, step)
  const legs = legsOn(truth.partition, asked?.legs ?? [])
  const isAsked = cause?.events[0]?.type === 'PaymentInitiated'
  const isRight = code === 'period_closed' ? isLocked(asked?.effectiveAt, step) : reasonsAgainst(legs, truth).has(code)
  if (isAsked && !isRight) return `nothing is against it, and it was ${code}`
  return wrongCauses(step, data, [['PaymentInitiated', 'PaymentFailed', 'CancelRequested', 'PaymentReopened']])
}

function wrongCompletion(data: Data<'PaymentCompleted'>, step: Step): string | undefined {
  const payment = step.truth.begun.get(data.paymentId)
  if (!payment) return 'it never began'
  const isDirect = payment.state === 'asked' || payment.state === 'cancelling'
  if (!isDirect && payment.state !== 'preparing') return `it is ${payment.state}`
  if (data.ended !== isDirect) return `it is ${data.ended ? '' : 'not '}said to be ended`
  if (data.learned) return wrongLearned(data, payment, step)
  const said = payment.participants.map((): Kinds => (isDirect ? ['LegsPosted'] : ['LegsPrepared']))
  return wrongCauses(step, data, said, payment.participants)
}

function wrongFailure(data: Data<'PaymentFailed'>, step: Step): string | undefined {
  const { commit, truth } = step
  const payment = truth.begun.get(data.paymentId)
  if (!payment) return 'it never began'
  const isDirect = payment.state === 'asked' || payment.state === 'cancelling'
  if (!isDirect && payment.state !== 'preparing') return `it is ${payment.state}`
  const causes = commit.causes?.length ?? 0
  if (causes === 0 && isDirect) return 'the one who decides it has not said so'
  const isLast = isDirect || (causes > 0 && payment.participants.length === 1)
  if (data.ended !== isLast) return `it is ${data.ended ? '' : 'not '}said to be ended`
  if (causes > 0) return wrongCauses(step, data, [['LegsRefused', 'LegsReleased']])
  if (commit.command.type === 'CancelPayment') return undefined
  const isOver = commit.command.type === 'ExpirePayment' && commit.decidedAt >= payment.deadline
  return isOver ? undefined : `nobody asked for it by ${payment.deadline}`
}

function wrongEnd({ paymentIds }: Data<'PaymentEnded'>, step: Step): string | undefined {
  const { truth, commit } = step
  let next = 0
  for (const paymentId of paymentIds) {
    const payment = truth.begun.get(paymentId)
    if (!payment || payment.ended) return `${paymentId} is ${payment ? 'ended before' : 'not there'}`
    if (payment.state !== 'completed' && payment.state !== 'failed') return `${paymentId} is ${payment.state}`
    const said: Kinds = payment.state === 'completed' ? ['LegsPosted'] : ['LegsRefused', 'LegsReleased']
    const causes = commit.causes?.slice(next, next + payment.asks.length) ?? []
    next += payment.asks.length
    const kinds = payment.asks.map(() => said)
    const own = { ...step, commit: { ...commit, causes } }
    const wrong = wrongCauses(own, { paymentId }, kinds, payment.asks)
    if (wrong !== undefined) return wrong
  }
  return next === (commit.causes?.length ?? 0) ? undefined : 'it rests on more than it ends'
}

/**
 * It is decided on the first partition; the others take over what stands there, in order, and all of it anew once they
 * have accepted that it lost something.
 */
function wrongZone({ zone }: Data<'LedgerZoneSet'>, step: Step): string | undefined {
  const { commit, truth } = step
  if (truth.partition === 0) return commit.idempotencyKey === undefined ? 'nobody asked for it' : undefined
  const [cause] = commit.causes ?? []
  if (cause && spanAround(step, cause)) return undefined
  const said = commitAt(step, cause)?.events.find((event) => event.type === 'LedgerZoneSet')?.data.zone
  if (cause?.partition !== 0 || said !== zone) return `the first partition has ${said}`
  const anew = truth.commits.findLastIndex(({ commit: { events } }) =>
    events.some(({ type, data }) => type === 'HistoryAccepted' && data.partition === 0),
  )
  const taken = truth.commits.slice(anew + 1).findLast((each) => each.commit.command.type === 'TakeFact')
  const before = taken?.commit.causes?.[0]?.seq ?? 0
  return before < cause.seq ? undefined : `${before} was taken before ${cause.seq}`
}

/** A coordinator that says that it has nothing open below a seq has nothing open there, now or later. */
function wrongLow(step: Step): string | undefined {
  const { commit, truth, truths } = step
  const { low, causes: [cause] = [] } = commit
  if (low === undefined || !cause) return undefined
  // What a history said that is gone may still come, until it is known to be gone.
  const newest = truths[cause.partition]?.spans.at(-1)
  if (newest && !isAccepted(step, cause.partition, newest.seq)) return undefined
  const open = [...(truths[cause.partition]?.begun ?? [])].find(
    ([paymentId, { ended, asks }]) => !ended && asks.includes(truth.partition) && placeOfId(paymentId).seq < low,
  )
  return open && `${open[0]} is open below ${low}`
}

function wrongTenant({ commit, truths }: Step): string | undefined {
  for (const { data } of commit.events) {
    if (!('paymentId' in data) || commit.idempotencyKey !== undefined) continue
    const payment = truths[placeOfId(data.paymentId).partition]?.begun.get(data.paymentId)
    if (payment && payment.tenant !== commit.tenant) return `it is of ${payment.tenant}, and not of ${commit.tenant}`
  }
  return undefined
}
