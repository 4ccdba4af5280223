import { hash } from 'node:crypto'
import type { PaymentId } from '@micropay/schemas/identifiers'
import type { Cause, Commit } from '@micropay/schemas/log/commit'
import type { EventOf } from '@micropay/schemas/log/event'
import type { Leg } from '@micropay/schemas/log/payment-legs'
import { partitionOf } from '@micropay/schemas/placement'
import type { Position } from '@micropay/schemas/position'
import { transitPartnerOf } from '@micropay/schemas/transit'
import { isDone, isLetBe, type StepKind } from './payment-table.ts'

/** One commit of a payment, as far as others are judged by it. */
export type FollowedStep = Position & { readonly hash: string; readonly kind: StepKind; readonly legs?: string }

/** A commit that names a cause on a partition that was not read so far yet. */
export type Waiting = { readonly step: FollowedStep; readonly cause: Cause }

/** A payment across partitions, from the first commit of it that was read until all of it was. */
export type Followed = {
  readonly payment: PaymentId
  /** When the first of them was decided. */
  readonly since: string
  begun: { readonly participants: readonly number[]; readonly legs: ReadonlyMap<number, string> } | undefined
  readonly steps: FollowedStep[]
  waiting: Waiting[]
  /** What passed between two partitions, in each currency: what one gave up, and the other has not taken yet. */
  readonly passed: Map<string, bigint>
  isEnded: boolean
}

export function newFollowed(payment: PaymentId, since: string): Followed {
  return { payment, since, begun: undefined, steps: [], waiting: [], passed: new Map(), isEnded: false }
}

/** The newest step on a partition. */
export function lastOn({ steps }: Followed, partition: number): StepKind | undefined {
  return steps.findLast((step) => step.partition === partition)?.kind
}

/** Nothing more is to be read of it. */
export function isOver(followed: Followed): boolean {
  const { begun, isEnded, waiting } = followed
  if (!begun || !isEnded || waiting.length > 0) return false
  return begun.participants.every((each) => {
    const last = lastOn(followed, each)
    return last !== undefined && (isDone(last) || isLetBe(last))
  })
}

/** Both sides of a transit account have been posted, and do not cancel out. */
export function unexplained({ passed, steps }: Followed, coordinator: number): string[] {
  const posted = (partition: number) =>
    steps.some((step) => step.partition === partition && (isDone(step.kind) || step.kind === 'completed'))
  return [...passed].flatMap(([between, minor]) => {
    const { partitions, currency } = betweenOf(between)
    const other = partitions.find((each) => each !== coordinator) ?? coordinator
    const isUnderWay = minor === 0n || !posted(coordinator) || !posted(other)
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

/** What each participant was asked for, as 128 bits. */
export function askedOf({ data }: EventOf<'PaymentInitiated'>, tenant: string, partitions: number) {
  const asked = { tenant, subject: data.subject, effectiveAt: data.effectiveAt }
  const digest = (other: number) =>
    digestOf(
      data.legs.filter(({ account }) => partitionOf(account, partitions) === other),
      asked,
    )
  return new Map(data.participants.map((other) => [other, digest(other)]))
}

/** The same of what a participant has promised, or posted. */
export function legsIn({ tenant, actor: { subject }, events }: Commit): { readonly legs?: string } {
  const [event] = events
  if (event?.type !== 'LegsPrepared' && event?.type !== 'LegsPosted') return {}
  const { legs, effectiveAt } = event.data
  return { legs: digestOf(legs, { tenant, subject, effectiveAt }) }
}

function digestOf(legs: readonly Leg[], { tenant, subject, effectiveAt }: Asked): string {
  const own = legs
    .filter(({ account }) => transitPartnerOf(account) === undefined)
    .map(({ account, amount, currency, pair, stands }) => [account, amount, currency, pair ?? null, stands ?? null])
  return hash('sha256', JSON.stringify([tenant, subject, effectiveAt, own]), 'base64url').slice(0, 22)
}
