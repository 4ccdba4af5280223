import type { AcrossFault } from '@micropay/schemas/api/across'
import { placeOfId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import { formatPosition, type Position } from '@micropay/schemas/position'
import { HOME } from '../../decide/ledger-facts.ts'
import { createClosingsJudge } from './judge-closings.ts'
import { createFactsJudge } from './judge-facts.ts'
import { createHistoryJudge, type ResumeSpan } from './judge-history.ts'
import { judgeRecalled, judgeTransit, settle, takeStep, wrongWith } from './judge-payment.ts'
import { type Judging, tell } from './judging.ts'
import { stepIn } from './payment-table.ts'
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
    ...{ facts: createFactsJudge(), closings: createClosingsJudge(), history: createHistoryJudge() },
    ...{ found: [], foundCount: 0, count: 0, gone: 0 },
  }
  return {
    take(commit, place) {
      judging.read[place.partition] = place.seq
      const event = stepIn(commit)
      if (event) takeStep(judging, commit, event, place)
      else takeOfLedger(judging, commit, place)
      judgeRecalled(judging, commit, place)
      judging.history.take(commit, place)
    },
    resumed(resume, place) {
      judging.read[place.partition] = place.seq
      judging.history.resumed(place, resume)
      for (const followed of judging.payments.values()) settle(judging, followed)
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
  /** A person has accepted that what stood between the place before and this one is gone. */
  resumed(resume: ResumeSpan, place: HashedPlace): void
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
  /** What rests on commits that a person has given up. */
  readonly givenUp: number
  readonly faults: readonly AcrossFault[]
  readonly faultCount: number
}

const MOST_FAULTS = 100

function takeOfLedger({ facts, closings }: Judging, commit: Commit, place: HashedPlace): void {
  facts.take(commit, place)
  closings.take(commit, place)
}

function wantedBy({ payments, read, facts, closings, history }: Judging): ReadonlyMap<number, number> {
  const wanted = new Map<number, number>()
  const want = ({ partition, seq }: Position) => {
    if (seq > (read[partition] ?? 0)) wanted.set(partition, Math.max(seq, wanted.get(partition) ?? 0))
  }
  for (const { payment, begun, waiting } of payments.values()) {
    for (const { cause } of waiting) want(cause)
    if (!begun) want(placeOfId(payment))
  }
  want({ partition: HOME, seq: facts.wanted() })
  for (const place of [...closings.named(), ...history.wanted()]) want(place)
  return wanted
}

/** Asked again once more was read, it says so of what was read then. */
function resultOf(judging: Judging): AcrossResult {
  const { payments, read, history, facts, closings, count } = judging
  const now: Judging = { ...judging, found: [...judging.found] }
  let unread = 0
  for (const followed of payments.values()) {
    judgeTransit(now, followed)
    const place = placeOfId(followed.payment)
    const [first] = followed.steps
    const isMissing = !followed.begun && place.seq <= (read[place.partition] ?? 0) && !history.isGone(place)
    if (first && isMissing) {
      tell(now, followed, first, 'payment_unknown', `it is of no payment that began at ${formatPosition(place)}`)
    }
    for (const waiting of followed.waiting) {
      const wrong = wrongWith(now, followed, waiting)
      if (wrong === 'unread') unread += 1
      else if (wrong === 'gone') now.gone += 1
      else if (wrong) tell(now, followed, waiting.step, ...wrong, waiting.cause)
    }
  }
  const ofLedger = [
    ...facts.faults(read[HOME] ?? 0, history.isGone),
    ...closings.faults(read, history.isGone),
    ...history.faults(read),
  ]
  now.foundCount += ofLedger.length
  now.found.push(...ofLedger)
  now.gone += closings.gone(history.isGone)
  const faults = now.found.filter(({ named }) => !named.some(history.isGivenUp))
  const givenUp = now.found.length - faults.length
  return {
    payments: count + payments.size,
    waiting: unread + facts.waiting(read[HOME] ?? 0) + closings.waiting(read) + history.waiting(read),
    underWay: summarise(payments.values()),
    givenUp: now.gone + givenUp,
    faults: faults.slice(0, MOST_FAULTS).map(({ named: _, ...fault }) => fault),
    faultCount: now.foundCount - givenUp,
  }
}
