import { type PaymentId, paymentIdAt, placeOfId } from '@micropay/schemas/identifiers'
import type { Resume } from '@micropay/schemas/log/commit'
import { HISTORY_GENERATION } from '@micropay/schemas/log/generations'
import { type Answer, isOfHistory, type Message } from '@micropay/schemas/log/message'
import { transitPartnerOf } from '@micropay/schemas/transit'
import { asItIs, type Folds, type LedgerView, type Put, put, stateTable } from './ledger.ts'
import { HOME, putFactsKnown } from './ledger-facts.ts'
import { histories, isGone, type KnownLoss, spansOf } from './lost-spans.ts'
import { putPosted, putTransit } from './moved-legs.ts'
import { openIn, openWith, payerOf, putOpenWith } from './open-payments.ts'
import { valueSteps } from './period.ts'
import { type Saga, sagas } from './saga.ts'
import { forgetSteps, putStep, type SaidAt, saidAt } from './steps.ts'
import { withPayment } from './valued-until.ts'

/*
 * What a partition keeps of history that was lost and given up: of its own, and of what others have told it. README.md
 * of docs/spec has the table of what follows from it.
 */

type Own = {
  /** The newest resume of this partition. */
  readonly resumedAt?: SaidAt
  /** The partitions that have yet to say what they know of what was lost here, rising. */
  readonly unanswered: readonly number[]
}
const OWN = 'own'

const ownHistory = stateTable('own-history', (own: typeof OWN) => own, asItIs<Own>())

/** Payments of other partitions that were posted here, are gone there, and were written off for that. */
export const writtenOff = stateTable('written-off', (paymentId: PaymentId) => paymentId, asItIs<true>())

export const historyTables = [histories, ownHistory, writtenOff]

type HistoryEvent = 'LegsRecalled' | 'LegsWrittenOff' | 'PaymentReopened' | 'HistoryAccepted' | 'HistoryAnswered'

export const historyEvents: Folds<HistoryEvent> = {
  LegsRecalled: ({ paymentId, state, at, sides, rejection }, ledger) => {
    const step = { state, at, ...(sides && { sides }), ...(rejection && { rejection }) }
    return putStep(paymentId, step, ledger)
  },
  LegsWrittenOff({ paymentId, legs, effectiveAt }, ledger, facts) {
    const isTransit = ({ account }: (typeof legs)[number]) => transitPartnerOf(account) !== undefined
    const suspense = putPosted(
      legs.filter((leg) => !isTransit(leg)),
      false,
      ledger,
      facts,
    )
    const transit = legs.filter(isTransit).map((leg) => putTransit(leg, ledger, facts))
    const dated = withPayment(ledger.read(valueSteps, facts.tenant) ?? [], effectiveAt, facts.seq)
    return [...suspense, ...transit, put(valueSteps, facts.tenant, dated), put(writtenOff, paymentId, true)]
  },
  PaymentReopened({ paymentId, outcome, asks, ...begun }, ledger, facts) {
    const { tenant, actor } = facts
    const saga: Saga = {
      ...{ ...begun, state: outcome, tenant, actor, at: saidAt(facts), sides: { debited: [], credited: [] } },
      ...{ asks, repaired: true, reopened: true },
    }
    const open = { seq: placeOfId(paymentId).seq, payer: payerOf(saga) }
    return [put(sagas, paymentId, saga), ...putOpenWith(asks, open, ledger)]
  },
  HistoryAccepted({ partition, lost }, ledger, facts) {
    const spans = [...spansOf(partition, ledger), ...lost]
    const newest = Math.max(...spans.map(({ seq }) => seq))
    const since = Math.max(sinceOf(partition, ledger), newest)
    const asksAnew = lost.length > 0 && ownResume(ledger) !== undefined
    return [
      put(histories, partition, { lost: spans, since, acceptedAt: saidAt(facts) }),
      ...lost.flatMap(({ after, seq }) => forgetSteps(partition, { from: after + 1, below: seq }, ledger)),
      ...repaired(
        openWith(partition, ledger).map((seq) => paymentIdAt(facts.partition, seq)),
        ledger,
      ),
      // It tells anew what holds: what this partition took over may be gone there, or be what an earlier one replaced.
      ...(partition === HOME && lost.length > 0 ? [putFactsKnown(0)] : []),
      ...(asksAnew ? [putOwn({ unanswered: [...unansweredIn(ledger), partition] }, ledger)] : []),
    ]
  },
  HistoryAnswered({ partition }, ledger, { causes }) {
    const [cause] = causes ?? []
    const left = unansweredIn(ledger).filter((each) => each !== partition)
    const since = Math.max(sinceOf(partition, ledger), cause?.seq ?? 0)
    return [
      putOwn({ unanswered: left }, ledger),
      put(histories, partition, { ...(ledger.read(histories, partition) ?? none), since }),
    ]
  },
}

const none: KnownLoss = { lost: [] }

type Place = { readonly partition: number; readonly partitions: number; readonly hash: string }

/**
 * What a resume of this partition gives up: all others are asked what they know, whatever they have to do with it. One
 * of an earlier generation, whose owner had no words to ask, asks nobody.
 */
export function resumed(
  { previousSeq, seq, eventGeneration }: Pick<Resume, 'previousSeq' | 'seq' | 'eventGeneration'>,
  ledger: LedgerView,
  { partition, partitions, hash }: Place,
): Put[] {
  if (partitions === 1) return []
  const others = Array.from({ length: partitions }, (_, other) => other).filter((other) => other !== partition)
  const lost = [...spansOf(partition, ledger), { after: previousSeq, seq }]
  const isAsked = eventGeneration >= HISTORY_GENERATION
  return [
    put(histories, partition, { lost }),
    putOwn({ resumedAt: { seq, hash }, unanswered: isAsked ? others : unansweredIn(ledger) }, ledger),
    ...repaired(openIn(partition, partitions, ledger), ledger),
  ]
}

/** What that partition said before this seq of its own is not handled any more. */
export function sinceOf(partition: number, ledger: LedgerView): number {
  return ledger.read(histories, partition)?.since ?? 0
}

/** The newest commit of this partition that accepts what that one lost. */
export function acceptanceOf(partition: number, ledger: LedgerView): SaidAt | undefined {
  return ledger.read(histories, partition)?.acceptedAt
}

/** This partition's newest resume. */
export function ownResume(ledger: LedgerView): SaidAt | undefined {
  return ledger.read(ownHistory, OWN)?.resumedAt
}

/** The partitions that have yet to say what they know of what was lost here, rising. */
export function unansweredIn(ledger: LedgerView): readonly number[] {
  return ledger.read(ownHistory, OWN)?.unanswered ?? []
}

type Said = { readonly from: number; readonly asOf?: number | undefined }

/**
 * Whether a message is not handled: a history that is gone has said it, or its sender has yet to say what it knows of
 * what was lost here. It is as if it were lost on its way.
 */
export function isDropped(said: Said, ledger: LedgerView): boolean {
  return isOfGone(said, ledger) || unansweredIn(ledger).includes(said.from)
}

/**
 * Whether it is said by now. What stands behind a loss is told to nobody who has yet to accept that: who rested on it
 * would take the resume for one that gives positions again.
 */
export function isTold(message: Message, ledger: LedgerView): boolean {
  return isOfHistory(message) || !unansweredIn(ledger).includes(message.to)
}

/** Whether a history that is gone has said it: of what was lost nothing but that is dropped, whoever says it. */
export function isOfGone({ from, asOf = 0 }: Said, ledger: LedgerView): boolean {
  return asOf < sinceOf(from, ledger)
}

type Answers = ReadonlyMap<number, Answer>

/** The answers that a decision may rest on: their commits are not gone. */
export function stillSaid(heard: Answers, ledger: LedgerView): Answers {
  const isThere = ([from, { at }]: [number, Answer]) => !isGone({ partition: from, seq: at.seq }, ledger)
  return new Map([...heard].filter(isThere))
}

/**
 * Whether somebody may know how it ended, and has not said so yet: nothing is said of it until then, and nothing
 * decided.
 */
export function isBlocked({ participants }: Pick<Saga, 'participants'>, ledger: LedgerView): boolean {
  const waitedFor = unansweredIn(ledger)
  return waitedFor.length > 0 && participants.some((each) => waitedFor.includes(each))
}

function putOwn({ unanswered, ...more }: Own, ledger: LedgerView): Put {
  const rising = [...new Set(unanswered)].sort((a, b) => a - b)
  return put(ownHistory, OWN, { ...ledger.read(ownHistory, OWN), ...more, unanswered: rising })
}

function repaired(payments: readonly PaymentId[], ledger: LedgerView): Put[] {
  return payments.flatMap((payment) => {
    const saga = ledger.read(sagas, payment)
    return saga ? [put(sagas, payment, { ...saga, repaired: true as const })] : []
  })
}
