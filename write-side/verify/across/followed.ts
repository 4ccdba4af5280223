import { type PaymentId, placeOfId } from '@micropay/schemas/identifiers'
import type { Cause, Commit } from '@micropay/schemas/log/commit'
import type { EventOf } from '@micropay/schemas/log/event'
import type { Leg } from '@micropay/schemas/log/payment-legs'
import { partitionOf } from '@micropay/schemas/placement'
import type { Position } from '@micropay/schemas/position'
import { suspenseId } from '@micropay/schemas/suspense'
import { transitPartnerOf } from '@micropay/schemas/transit'
import { isCompleted, isDone, isLetBe, type StepKind } from './payment-table.ts'

/** One commit of a payment, as far as others are judged by it. */
export type FollowedStep = Position & { readonly hash: string; readonly kind: StepKind; readonly legs?: OwnLegs }

/**
 * A commit that names a cause on a partition that was not read so far yet. `isGone` where it is right only if a person
 * has given that cause up.
 */
export type Waiting = { readonly step: FollowedStep; readonly cause: Cause; readonly isGone: boolean }

/** A payment across partitions, from the first commit of it that was read until all of it was. */
export type Followed = {
  readonly payment: PaymentId
  /** When the first of them was decided, or it was opened again. */
  since: string
  begun: { readonly participants: readonly number[]; readonly legs: ReadonlyMap<number, OwnLegs> } | undefined
  /** Whose word ends it: of all its participants, unless it was opened again. */
  asks: readonly number[]
  /** By participant, the newest commit of it that its coordinator's rest on. */
  readonly answers: Map<number, Cause>
  readonly steps: FollowedStep[]
  waiting: Waiting[]
  /** What passed between two partitions, in each currency: what one gave up, and the other has not taken yet. */
  readonly passed: Map<string, bigint>
  isEnded: boolean
}

/** What a partition takes upon itself: in whose name and of which day, and leg by leg, as texts. */
export type OwnLegs = { readonly of: string; readonly legs: readonly string[] }

export function newFollowed(payment: PaymentId, since: string): Followed {
  const nothing = { steps: [], waiting: [], passed: new Map(), asks: [], answers: new Map() }
  return { payment, since, begun: undefined, ...nothing, isEnded: false }
}

/** The newest step on a partition. */
export function lastOn({ steps }: Followed, partition: number): StepKind | undefined {
  return steps.findLast((step) => step.partition === partition)?.kind
}

/** Nothing more is to be read of it. What `isGone` was lost, and a person has accepted that. */
export function isOver(followed: Followed, isGone: (place: Position) => boolean): boolean {
  const { payment, begun, isEnded, waiting, steps, answers } = followed
  if (waiting.length > 0) return false
  if (isGone(placeOfId(payment))) return steps.every(({ partition }) => !isLeft(lastOn(followed, partition)))
  if (!begun || !isEnded) return false
  // It is opened again, though its participants have done what was decided: a first opening may be lost, too.
  if (answers.values().some(isGone)) return false
  return begun.participants.every((each) => {
    const last = lastOn(followed, each)
    return last !== undefined && (isDone(last) || isLetBe(last))
  })
}

/** Promised or posted for a payment that is gone: to be released, or written off. */
function isLeft(last: StepKind | undefined): boolean {
  return last !== undefined && (last === 'prepared' || isDone(last))
}

/** Both sides of a transit account have been posted, or one was written off, and they do not cancel out. */
export function unexplained(followed: Followed, coordinator: number): string[] {
  const { passed, steps } = followed
  const posted = (partition: number) =>
    steps.some((step) => step.partition === partition && (isDone(step.kind) || isCompleted(step.kind)))
  return [...passed].flatMap(([between, minor]) => {
    const { partitions, currency } = betweenOf(between)
    const other = partitions.find((each) => each !== coordinator) ?? coordinator
    const isWrittenOff = lastOn(followed, other) === 'written off'
    const isUnderWay = minor === 0n || (!isWrittenOff && (!posted(coordinator) || !posted(other)))
    return isUnderWay ? [] : [`${minor} minor units of ${currency} are left between ${partitions.join(' and ')}`]
  })
}

/** Adds what the transit legs of a commit say. */
export function addPassed({ passed }: Followed, partition: number, legs: readonly Leg[]): void {
  for (const { account, amount, currency } of legs) {
    const other = transitPartnerOf(account)
    if (other === undefined) continue
    const between = `${Math.min(partition, other)} ${Math.max(partition, other)} ${currency}`
    passed.set(between, (passed.get(between) ?? 0n) + BigInt(amount))
  }
}

export function betweenOf(between: string): { readonly partitions: readonly number[]; readonly currency: string } {
  const [one = '', other = '', currency = ''] = between.split(' ')
  return { partitions: [Number(one), Number(other)], currency }
}

type Asked = Pick<Commit, 'tenant'> & { readonly subject: string; readonly effectiveAt: string }

type Begun = Pick<EventOf<'PaymentInitiated'>['data'], 'legs' | 'participants' | 'effectiveAt'> & {
  readonly subject: string
}

/** What each participant was asked for. */
export function askedOf(data: Begun, tenant: string, partitions: number) {
  const asked = { tenant, subject: data.subject, effectiveAt: data.effectiveAt }
  const ownOf = (other: number) =>
    ownLegs(
      data.legs.filter(({ account }) => partitionOf(account, partitions) === other),
      asked,
    )
  return new Map(data.participants.map((other) => [other, ownOf(other)]))
}

/** The same of what a participant has promised, or posted. */
export function legsIn({ tenant, actor: { subject }, events }: Commit): { readonly legs?: OwnLegs } {
  const [event] = events
  if (event?.type !== 'LegsPrepared' && event?.type !== 'LegsPosted') return {}
  const { legs, effectiveAt } = event.data
  return { legs: ownLegs(legs, { tenant, subject, effectiveAt }) }
}

function ownLegs(legs: readonly Leg[], { tenant, subject, effectiveAt }: Asked): OwnLegs {
  const own = legs.filter(({ account }) => transitPartnerOf(account) === undefined)
  return { of: JSON.stringify([tenant, subject, effectiveAt]), legs: own.map(legText) }
}

function legText({ account, amount, currency, pair, stands }: Leg): string {
  return JSON.stringify([account, amount, currency, pair ?? null, stands ?? null])
}

/** Whether legs are those that were asked for; where they were forced, what has no open account is in suspense. */
export function isAsAsked({ legs: own, kind, partition }: FollowedStep, asked: OwnLegs | undefined): boolean {
  if (!own || !asked || own.of !== asked.of || own.legs.length !== asked.legs.length) return false
  return own.legs.every((text, index) => {
    const wanted = asked.legs[index] ?? ''
    return text === wanted || (kind === 'forced' && text === inSuspense(wanted, partition))
  })
}

function inSuspense(text: string, partition: number): string {
  const [, amount, currency, pair]: readonly unknown[] = JSON.parse(text)
  return JSON.stringify([suspenseId(partition, `${currency}`), amount, currency, pair, null])
}
