import type { AcrossFault } from '@micropay/schemas/api/across'
import { type PaymentId, placeOfId } from '@micropay/schemas/identifiers'
import type { Cause, Commit, Resume } from '@micropay/schemas/log/commit'
import { formatPosition, type Position } from '@micropay/schemas/position'
import { HOME } from '../../decide/ledger-facts.ts'
import {
  addPassed,
  askedOf,
  type Followed,
  type FollowedStep,
  isOver,
  lastOn,
  legsIn,
  newFollowed,
  unexplained,
} from './followed.ts'
import { createClosingsJudge } from './judge-closings.ts'
import { createFactsJudge } from './judge-facts.ts'
import { type Found, type Judging, tell } from './judging.ts'
import { isDone, isLetBe, kindOf, mayFollow, restsOn, type StepKind, stepIn } from './payment-table.ts'
import { summarise, type UnderWay } from './under-way.ts'

/**
 * Judges what the partitions of a ledger say of payments across them, each partition's commits in their order, and the
 * partitions in any: whoever reads them has read each as far as it got. What rests on a commit that was not read yet
 * waits for it, and is no fault. Memory grows with the payments that are under way at the place that was read to, some
 * hundred bytes each.
 */
export function createAcrossJudge(partitions: number): AcrossJudge {
  const judging: Judging = {
    partitions,
    read: new Array<number>(partitions).fill(0),
    payments: new Map(),
    ...{ facts: createFactsJudge(), closings: createClosingsJudge() },
    ...{ resumes: [], found: [], foundCount: 0, count: 0 },
  }
  return {
    take(commit, place) {
      judging.read[place.partition] = place.seq
      const event = stepIn(commit)
      if (event) takeStep(judging, commit, event, place)
      else takeOfLedger(judging, commit, place)
    },
    resumed(partition, { seq }) {
      judging.read[partition] = seq
      judging.resumes.push({ partition, seq })
    },
    ends: (partition) => {
      judging.read[partition] = Number.POSITIVE_INFINITY
    },
    wanted: () => wantedBy(judging),
    followed: () => judging.payments.size,
    result: () => resultOf(judging),
  }
}

/** Where a commit stands, and the hash behind it. */
export type HashedPlace = Position & { readonly hash: string }

export type AcrossJudge = {
  take(commit: Commit, place: HashedPlace): void
  /** A person has accepted another history: what stands below the resume's seq may be gone. */
  resumed(partition: number, resume: Pick<Resume, 'seq'>): void
  /** Its log ends there, and was asked for its end after all that was taken: what stands behind it is nowhere. */
  ends(partition: number): void
  /** How far to read on, by partition, until nothing waits. */
  wanted(): ReadonlyMap<number, number>
  /** Payments that it remembers. */
  followed(): number
  /** What stands there now; `waiting` counts what names commits that were not read. */
  result(): AcrossResult
}

export type AcrossResult = {
  readonly payments: number
  readonly waiting: number
  readonly underWay: UnderWay
  /** What rests on, or was told by, a history that a person has given up. */
  readonly givenUp: number
  readonly faults: readonly AcrossFault[]
  readonly faultCount: number
}

const MOST_FAULTS = 100

function takeOfLedger({ facts, closings }: Judging, commit: Commit, place: HashedPlace): void {
  facts.take(commit, place)
  closings.take(commit, place)
}

type StepEvent = NonNullable<ReturnType<typeof stepIn>>

function takeStep(judging: Judging, commit: Commit, event: StepEvent, place: HashedPlace): void {
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
  for (const payment of event.data.paymentIds) {
    const followed = followedBy(judging, payment, commit.decidedAt)
    const own = causes.slice(next, next + (followed.begun?.participants.length ?? 0))
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
  const legs = askedOf(event, commit.tenant, judging.partitions)
  followed.begun = { participants: event.data.participants, legs }
  for (const step of followed.steps) judgeLegs(judging, followed, step)
}

function judgeStep(
  judging: Judging,
  followed: Followed,
  step: FollowedStep,
  causes: readonly Cause[],
  commit: Commit,
): void {
  const { payment, steps } = followed
  const before = lastOn(followed, step.partition)
  if (!mayFollow(step.kind, before)) {
    tell(judging, followed, step, 'step_misplaced', `it is ${step.kind}, and was ${before ?? 'nothing'} there before`)
  }
  steps.push(step)
  for (const event of commit.events) {
    if (event.type === 'LegsPosted' && event.data.paymentId === payment)
      addPassed(followed, step.partition, event.data.legs)
    const isEnd = event.type === 'PaymentCompleted' || event.type === 'PaymentFailed'
    if (isEnd && event.data.ended) followed.isEnded = true
  }
  judgeLegs(judging, followed, step)
  judgeOutcomes(judging, followed, step)
  judgeAnswers(judging, followed, step, causes)
  for (const cause of causes) judgeCause(judging, followed, step, cause)
  settleWaiting(judging, followed)
  if (!isOver(followed)) return
  judgeTransit(judging, followed)
  judging.payments.delete(payment)
  judging.count += 1
}

/** What waits for this very commit, or for one that is none of this payment. */
function settleWaiting(judging: Judging, followed: Followed): void {
  const waiting = followed.waiting.splice(0)
  for (const { step, cause } of waiting) judgeCause(judging, followed, step, cause)
}

function judgeCause(judging: Judging, followed: Followed, step: FollowedStep, cause: Cause): void {
  const wrong = wrongWith(judging, followed, step, cause)
  if (wrong === 'unread') followed.waiting.push({ step, cause })
  else if (wrong) tell(judging, followed, step, ...wrong, cause)
}

type Wrong = readonly [code: AcrossFault['code'], detail: string]

function wrongWith(
  { read }: Judging,
  { steps }: Followed,
  step: FollowedStep,
  cause: Cause,
): Wrong | 'unread' | undefined {
  const { partition, seq, hash } = cause
  const where = formatPosition(cause)
  const found = steps.find((each) => each.partition === partition && each.seq === seq)
  if (!found && seq > (read[partition] ?? 0)) return 'unread'
  if (!found) return ['cause_missing', `it rests on ${where}, which is no commit of that payment`]
  if (found.hash !== hash) return ['cause_changed', `it rests on ${where}, which had another hash then`]
  if (restsOn[step.kind].includes(found.kind)) return undefined
  return ['cause_unfit', `it is ${step.kind} since ${where} is ${found.kind}`]
}

/** Each credit has its debit: what a participant took upon itself is what it was asked for. */
function judgeLegs(judging: Judging, followed: Followed, step: FollowedStep): void {
  const isAnswer = step.kind === 'prepared' || step.kind === 'settled'
  if (!followed.begun || !isAnswer || followed.begun.legs.get(step.partition) === step.legs) return
  tell(judging, followed, step, 'legs_differ', 'its legs are not those that its coordinator asked for')
}

/** It happens on all of its partitions or on none. */
function judgeOutcomes(judging: Judging, followed: Followed, step: FollowedStep): void {
  const first = (is: (kind: StepKind) => boolean) => followed.steps.find(({ kind }) => is(kind))
  const completed = first((kind) => kind === 'completed')
  const happened = completed ?? first(isDone)
  const other = first((kind) => kind === 'failed') ?? (completed && first(isLetBe))
  if (!happened || !other || (step !== happened && step !== other)) return
  const detail = `it is ${happened.kind} at ${formatPosition(happened)} and ${other.kind} at ${formatPosition(other)}`
  tell(judging, followed, step, 'outcomes_differ', detail)
}

/** It comes about, and is over, on the word of all of its participants. */
function judgeAnswers(judging: Judging, followed: Followed, step: FollowedStep, causes: readonly Cause[]): void {
  const { participants = [] } = followed.begun ?? {}
  const named = causes.map(({ partition }) => partition).join()
  const isOfAll = step.kind === 'completed' || step.kind === 'ended'
  if (isOfAll && named !== participants.join()) {
    const said = `it is ${step.kind} on the word of ${named || 'nobody'}`
    const detail = `${said}, and its participants are ${participants.join()}`
    tell(judging, followed, step, 'answer_missing', detail)
  }
  const isAsked = !isOfAll && restsOn[step.kind].length > 0 && step.kind !== 'failed'
  const coordinator = placeOfId(followed.payment).partition
  if (isAsked && named !== `${coordinator}`) {
    tell(
      judging,
      followed,
      step,
      'cause_missing',
      `it is ${step.kind}, and its coordinator ${coordinator} is not named`,
    )
  }
}

function judgeTransit(judging: Judging, followed: Followed): void {
  const place = placeOfId(followed.payment)
  for (const detail of unexplained(followed, place.partition)) {
    tell(judging, followed, place, 'transit_unexplained', detail)
  }
}

function wantedBy({ payments, read, facts, closings }: Judging): ReadonlyMap<number, number> {
  const wanted = new Map<number, number>()
  const want = ({ partition, seq }: Position) => {
    if (seq > (read[partition] ?? 0)) wanted.set(partition, Math.max(seq, wanted.get(partition) ?? 0))
  }
  for (const { payment, begun, waiting } of payments.values()) {
    for (const { cause } of waiting) want(cause)
    if (!begun) want(placeOfId(payment))
  }
  want({ partition: HOME, seq: facts.wanted() })
  for (const place of closings.named()) want(place)
  return wanted
}

/** A fault that is of no payment: it may go with what any of those partitions has given up. */
function note(now: Judging, fault: AcrossFault, partitions: readonly number[]): void {
  now.foundCount += 1
  now.found.push({ ...fault, named: partitions.map((partition) => ({ partition, seq: 0 })) })
}

/** Asked again once more was read, it says so of what was read then. */
function resultOf(judging: Judging): AcrossResult {
  const { payments, read, resumes, count } = judging
  const now: Judging = { ...judging, found: [...judging.found] }
  let unread = 0
  for (const followed of payments.values()) {
    judgeTransit(now, followed)
    const place = placeOfId(followed.payment)
    const [first] = followed.steps
    if (!followed.begun && first && place.seq <= (read[place.partition] ?? 0)) {
      tell(now, followed, first, 'payment_unknown', `it is of no payment that began at ${formatPosition(place)}`)
    }
    for (const { step, cause } of followed.waiting) {
      const wrong = wrongWith(now, followed, step, cause)
      if (wrong === 'unread') unread += 1
      else if (wrong) tell(now, followed, step, ...wrong, cause)
    }
  }
  const readHome = read[HOME] ?? 0
  for (const fault of judging.facts.faults(readHome)) note(now, fault, [HOME])
  for (const { partitions, ...fault } of judging.closings.faults(read)) note(now, fault, partitions)
  const isGivenUp = ({ named }: Found) =>
    named.some(({ partition, seq }) => resumes.some((resume) => resume.partition === partition && seq < resume.seq))
  const faults = now.found.filter((found) => !isGivenUp(found))
  const givenUp = now.found.length - faults.length
  return {
    payments: count + payments.size,
    waiting: unread + judging.facts.waiting(readHome) + judging.closings.waiting(read),
    underWay: summarise(payments.values()),
    givenUp,
    faults: faults.slice(0, MOST_FAULTS).map(({ named: _, ...fault }) => fault),
    faultCount: now.foundCount - givenUp,
  }
}
