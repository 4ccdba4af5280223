import { isDeepStrictEqual } from 'node:util'
import type { AcrossFault } from '@micropay/schemas/api/across'
import { type PaymentId, placeOfId } from '@micropay/schemas/identifiers'
import type { Cause, Commit } from '@micropay/schemas/log/commit'
import type { EventOf } from '@micropay/schemas/log/event'
import { formatPosition, type Position } from '@micropay/schemas/position'
import {
  addPassed,
  askedOf,
  type Followed,
  type FollowedStep,
  isAsAsked,
  isOver,
  lastOn,
  legsIn,
  newFollowed,
  unexplained,
  type Waiting,
} from './followed.ts'
import { type Judging, tell } from './judging.ts'
import {
  type Ground,
  isCompleted,
  isDone,
  isLetBe,
  isOfParticipant,
  kindOf,
  mayFollow,
  restsOn,
  type StepKind,
  type stepIn,
} from './payment-table.ts'

type StepEvent = NonNullable<ReturnType<typeof stepIn>>

/** Judges what a commit that counts, and stands there, says of payments across partitions. */
export function takeStep(
  judging: Judging,
  commit: Commit,
  event: StepEvent,
  place: Position & { readonly hash: string },
): void {
  const kind = kindOf(event)
  const { causes = [] } = commit
  if (event.type !== 'PaymentEnded') {
    const followed = followedBy(judging, event.data.paymentId, commit.decidedAt)
    begin(judging, followed, commit, event)
    const step = { ...place, kind, ...legsIn(commit) }
    judgeStep(judging, followed, step, causes, commit)
    return
  }
  let next = 0
  for (const [index, payment] of event.data.paymentIds.entries()) {
    const followed = followedBy(judging, payment, commit.decidedAt)
    const isLast = index === event.data.paymentIds.length - 1
    const own = causes.slice(next, isLast ? undefined : next + followed.asks.length)
    next += own.length
    followed.isEnded = true
    judgeStep(judging, followed, { ...place, kind }, own, commit)
  }
}

function followedBy(judging: Judging, payment: PaymentId, since: string): Followed {
  const known = judging.payments.get(payment)
  if (known) return known
  const followed = newFollowed(payment, since)
  judging.payments.set(payment, followed)
  return followed
}

function begin(judging: Judging, followed: Followed, commit: Commit, event: StepEvent): void {
  if (event.type !== 'PaymentInitiated' || followed.begun) return
  const legs = askedOf(event.data, commit.tenant, judging.partitions)
  followed.begun = { participants: event.data.participants, legs }
  followed.asks = event.data.participants
  for (const step of followed.steps) judgeLegs(judging, followed, step)
}

function judgeStep(
  judging: Judging,
  followed: Followed,
  step: FollowedStep,
  causes: readonly Cause[],
  commit: Commit,
): void {
  const { payment } = followed
  const before = lastOn(followed, step.partition)
  if (!mayFollow(step.kind, before)) {
    tell(judging, followed, step, 'step_misplaced', `it is ${step.kind}, and was ${before ?? 'nothing'} there before`)
  }
  followed.steps.push(step)
  for (const { type, data } of commit.events) {
    const isOfIt = 'paymentId' in data && data.paymentId === payment
    if (isOfIt && (type === 'LegsPosted' || type === 'LegsWrittenOff')) addPassed(followed, step.partition, data.legs)
    if ((type === 'PaymentCompleted' || type === 'PaymentFailed') && data.ended) followed.isEnded = true
    if (type === 'PaymentReopened') reopen(judging, followed, { step, data, before, commit })
  }
  judgeLegs(judging, followed, step)
  judgeOutcomes(judging, followed, step)
  judgeAnswers(judging, followed, step, causes)
  for (const cause of causes) judgeCause(judging, followed, { step, cause, isGone: false })
  const isOnTheirWord = isCompleted(step.kind) || step.kind === 'failed' || step.kind === 'ended'
  if (isOnTheirWord) for (const cause of causes) followed.answers.set(cause.partition, cause)
  settle(judging, followed)
}

/** What waits for what was read by now is judged, and the payment is forgotten once it is over. */
export function settle(judging: Judging, followed: Followed): void {
  for (const waiting of followed.waiting.splice(0)) judgeCause(judging, followed, waiting)
  if (!isOver(followed, judging.history.isGone)) return
  judgeTransit(judging, followed)
  judging.payments.delete(followed.payment)
  if (followed.begun) judging.count += 1
}

function judgeCause(judging: Judging, followed: Followed, waiting: Waiting): void {
  const wrong = wrongWith(judging, followed, waiting)
  if (wrong === 'unread') followed.waiting.push(waiting)
  else if (wrong === 'gone') judging.gone += 1
  else if (wrong) tell(judging, followed, waiting.step, ...wrong, waiting.cause)
}

type Wrong = readonly [code: AcrossFault['code'], detail: string]

/** What is wrong with a cause, as far as partitions were read; one that a person has given up is gone, and no fault. */
export function wrongWith(
  { read, history }: Judging,
  { steps, payment }: Followed,
  { step, cause, isGone }: Waiting,
): Wrong | 'unread' | 'gone' | undefined {
  const { partition, seq, hash } = cause
  const where = formatPosition(cause)
  if (seq > (read[partition] ?? 0)) return 'unread'
  if (isGone) {
    if (history.isGone(cause)) return undefined
    return ['never_lost', `it is open again for the answer at ${where}, which stands`]
  }
  if (history.isGone(cause)) return 'gone'
  const resumed = history.resumeAt(cause)
  const found = steps.find((each) => each.partition === partition && each.seq === seq)
  const [ground, behind]: [Ground | undefined, string | undefined] = resumed
    ? ['resumed', resumed]
    : [found?.kind, found?.hash]
  if (!ground) return ['cause_missing', `it rests on ${where}, which is no commit of that payment`]
  if (behind !== hash) return ['cause_changed', `it rests on ${where}, which had another hash then`]
  if (!restsOn[step.kind].includes(ground)) return ['cause_unfit', `it is ${step.kind} since ${where} is ${ground}`]
  const isKept = ground === 'resumed' && step.kind !== 'reopened' && !history.isGone(placeOfId(payment))
  return isKept ? ['never_lost', `it is ${step.kind} as if ${payment} were lost, and it is there`] : undefined
}

/** Each credit has its debit: what a participant took upon itself is what it was asked for. */
function judgeLegs(judging: Judging, followed: Followed, step: FollowedStep): void {
  const isAnswer = step.kind === 'prepared' || step.kind === 'settled' || step.kind === 'forced'
  if (!followed.begun || !isAnswer || isAsAsked(step, followed.begun.legs.get(step.partition))) return
  tell(judging, followed, step, 'legs_differ', 'its legs are not those that its coordinator asked for')
}

/** It happens on all of its partitions or on none. */
function judgeOutcomes(judging: Judging, followed: Followed, step: FollowedStep): void {
  const first = (is: (kind: StepKind) => boolean) => followed.steps.find(({ kind }) => is(kind))
  const completed = first(isCompleted)
  const happened = completed ?? first(isDone)
  const other = first((kind) => kind === 'failed') ?? (completed && first(isLetBe))
  if (!happened || !other || (step !== happened && step !== other)) return
  const detail = `it is ${happened.kind} at ${formatPosition(happened)} and ${other.kind} at ${formatPosition(other)}`
  tell(judging, followed, step, 'outcomes_differ', detail)
}

/** It comes about, and is over, on the word of all of its participants; what was decided before is learned from one. */
function judgeAnswers(judging: Judging, followed: Followed, step: FollowedStep, causes: readonly Cause[]): void {
  const { kind, partition } = step
  const { participants = [] } = followed.begun ?? {}
  const named = causes.map((cause) => cause.partition)
  const wanted = kind === 'completed' ? participants : kind === 'ended' ? followed.asks : undefined
  const said = `it is ${kind} on the word of ${named.join() || 'nobody'}`
  if (wanted && named.join() !== wanted.join())
    tell(judging, followed, step, 'answer_missing', `${said}, and of ${wanted.join()} it takes`)
  if (kind === 'learned' && (named.length !== 1 || !participants.includes(named[0] ?? partition)))
    tell(judging, followed, step, 'answer_missing', `${said}, and it takes one of ${participants.join()}`)
  if ((kind === 'learned' || kind === 'forced') && !judging.history.hasResumed(partition))
    tell(judging, followed, step, 'never_lost', `it is ${kind}, and partition ${partition} has never lost anything`)
  if (kind === 'reopened' && (named.length !== 1 || !followed.asks.includes(named[0] ?? partition)))
    tell(judging, followed, step, 'cause_missing', `${said}, and not since one that it asks was resumed`)
  const coordinator = placeOfId(followed.payment).partition
  if (isOfParticipant(kind) && named.join() !== `${coordinator}`) {
    const detail = `it is ${kind}, and its coordinator ${coordinator} is not named`
    tell(judging, followed, step, 'cause_missing', detail)
  }
}

type Reopened = {
  readonly step: FollowedStep
  readonly data: EventOf<'PaymentReopened'>['data']
  readonly before: StepKind | undefined
  readonly commit: Commit
}

/** It was over, or asks others than it does: each of those that it asks now had answered what is gone. */
function reopen(judging: Judging, followed: Followed, { step, data, before, commit }: Reopened): void {
  const isOpen = !followed.isEnded && before !== 'reopened'
  if (isOpen) tell(judging, followed, step, 'step_misplaced', 'it is opened again, and was not over')
  const decided = followed.steps.find(({ kind }) => isCompleted(kind) || kind === 'failed')
  const outcome = decided && (decided.kind === 'failed' ? 'failed' : 'completed')
  if (outcome && outcome !== data.outcome)
    tell(judging, followed, step, 'outcomes_differ', `it is open again as ${data.outcome}, and was ${outcome}`)
  const legs = askedOf({ ...data, subject: commit.actor.subject }, commit.tenant, judging.partitions)
  if (followed.begun && !isDeepStrictEqual(legs, followed.begun.legs))
    tell(judging, followed, step, 'legs_differ', 'it is open again with other legs than it began with')
  const missing = before === 'reopened' ? followed.asks.filter((each) => !data.asks.includes(each)) : []
  if (missing.length > 0)
    tell(judging, followed, step, 'answer_missing', `it is open again, and asks ${missing.join()} no more`)
  for (const other of data.asks) {
    const cause = followed.answers.get(other)
    if (cause) judgeCause(judging, followed, { step, cause, isGone: true })
    else tell(judging, followed, step, 'never_lost', `it is open again for an answer of ${other}, which gave none`)
  }
  followed.isEnded = false
  followed.asks = data.asks
  followed.since = commit.decidedAt
}

/** What a partition has forgotten, and recalls from its own log, is the newest that stands there of the payment. */
export function judgeRecalled(judging: Judging, { events }: Commit, place: Position): void {
  for (const { type, data } of events) {
    const followed = type === 'LegsRecalled' && judging.payments.get(data.paymentId)
    if (!followed) continue
    const newest = followed.steps.findLast((step) => step.partition === place.partition)
    const isIt = newest?.seq === data.at.seq && newest.hash === data.at.hash
    const isSo = newest !== undefined && (data.state === 'posted' ? isDone : isLetBe)(newest.kind)
    if (isIt && isSo) continue
    const was = newest ? `${newest.kind} at ${formatPosition(newest)}` : 'nothing'
    tell(judging, followed, place, 'step_misplaced', `it recalls ${data.state} at ${data.at.seq}, and was ${was}`)
  }
}

export function judgeTransit(judging: Judging, followed: Followed): void {
  const place = placeOfId(followed.payment)
  for (const detail of unexplained(followed, place.partition)) {
    tell(judging, followed, place, 'transit_unexplained', detail)
  }
}
