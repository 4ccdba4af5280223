import type { PaymentReplay, PaymentStep, ReplayBroken } from '@micropay/schemas/api/replay'
import { canonicalPaymentId, type PaymentId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { LedgerEvent } from '@micropay/schemas/log/event'
import { givenBy } from '@micropay/schemas/log/given'
import { isOfAllLegs } from '@micropay/schemas/log/legs-in'
import { formatPosition } from '@micropay/schemas/position'

export type SteppedCommit = { readonly partition: number; readonly commit: Commit; readonly hash: string }

/**
 * A payment through all its steps on all partitions, from the commits that are steps of it; `broken` says where one
 * could not be read. Pure.
 */
export function replayPayment(
  paymentId: PaymentId,
  commits: readonly SteppedCommit[],
  broken: ReplayBroken | undefined,
): PaymentReplay {
  const items = inOrder(commits.map((each) => stepOf(paymentId, each)))
  return { paymentId, state: stateOf(paymentId, commits), items, broken: broken ?? null }
}

function stepOf(paymentId: PaymentId, { partition, commit, hash }: SteppedCommit): PaymentStep {
  const events = commit.events.filter((event) => isOf(paymentId, event))
  const [first] = events
  const legs = events.flatMap((event) => ('legs' in event.data && !isOfAllLegs(event) ? event.data.legs : []))
  const rejections = events.flatMap(({ data }) => ('rejection' in data && 'paymentId' in data ? [data.rejection] : []))
  const refusal = rejections[0] ?? refusedIn(commit)
  return {
    position: formatPosition({ partition, seq: commit.seq }),
    event: first?.type ?? 'Refused',
    decidedAt: commit.decidedAt,
    legs: legs.map(({ account, amount, currency }) => ({ account, amount, currency })),
    causes: (commit.causes ?? []).map(formatPosition),
    refusal: refusal ? { code: refusal.code, detail: refusal.cause?.detail ?? refusal.detail } : null,
    ...givenBy(commit),
    hash,
  }
}

function refusedIn({ outcome }: Commit) {
  return outcome.kind === 'rejected' ? outcome : undefined
}

function isOf(paymentId: PaymentId, { type, data }: LedgerEvent): boolean {
  const named = type === 'PaymentEnded' ? data.paymentIds : 'paymentId' in data ? [data.paymentId] : []
  return named.some((each) => canonicalPaymentId(each) === paymentId)
}

/** As its coordinator's own commits say in their order; where that has lost all of them, as it was left by others. */
function stateOf(paymentId: PaymentId, commits: readonly SteppedCommit[]): PaymentReplay['state'] {
  let state: PaymentReplay['state'] = isLeft(paymentId, commits) ? 'ended' : 'deciding'
  const inOrder = commits.toSorted((one, other) => one.commit.seq - other.commit.seq)
  for (const { type, data } of inOrder.flatMap(({ commit }) => commit.events).filter((each) => isOf(paymentId, each))) {
    if (type === 'PaymentEnded' || type === 'PaymentPosted') state = 'ended'
    if (type === 'PaymentCompleted') state = data.ended ? 'ended' : 'posting'
    if (type === 'PaymentFailed') state = data.ended ? 'ended' : 'releasing'
    if (type === 'PaymentReopened') state = data.outcome === 'completed' ? 'posting' : 'releasing'
  }
  return commits.some(({ commit }) => commit.outcome.kind === 'rejected') ? 'ended' : state
}

/** Its beginning is gone, and all who took part have let go of what they promised, or written off what they posted. */
function isLeft(paymentId: PaymentId, commits: readonly SteppedCommit[]): boolean {
  const last = new Map<number, LedgerEvent>()
  for (const { partition, commit } of commits.toSorted((one, other) => one.commit.seq - other.commit.seq)) {
    for (const event of commit.events) if (isOf(paymentId, event)) last.set(partition, event)
  }
  const all = [...last.values()]
  const isGone = all.some(
    (event) => event.type === 'LegsWrittenOff' || (event.type === 'LegsReleased' && event.data.code),
  )
  return isGone && all.every(({ type }) => type !== 'LegsPrepared' && type !== 'LegsPosted')
}

/**
 * By time, but none before what it rests on, or before the one before it on its partition: the clocks of two owners may
 * differ.
 */
function inOrder(steps: readonly PaymentStep[]): PaymentStep[] {
  const left = steps.toSorted((one, other) => (one.decidedAt < other.decidedAt ? -1 : 1))
  const waits = (step: PaymentStep) => {
    const [partition, seq] = step.position.split(':').map(Number)
    return left.some(({ position }) => {
      const [at, before] = position.split(':').map(Number)
      return step.causes.includes(position) || (at === partition && (before ?? 0) < (seq ?? 0))
    })
  }
  const ordered: PaymentStep[] = []
  while (left.length > 0) {
    const next = left.findIndex((step) => !waits(step))
    ordered.push(...left.splice(Math.max(0, next), 1))
  }
  return ordered
}
