import { type PaymentId, placeOfId } from '@micropay/schemas/identifiers'
import type { Actor } from '@micropay/schemas/log/actor'
import type { Commit } from '@micropay/schemas/log/commit'
import type { EventOf, LedgerEvent } from '@micropay/schemas/log/event'
import type { LostSpan } from '@micropay/schemas/log/history-events'
import type { Resumed } from '@micropay/schemas/log/message'
import type { Leg } from '@micropay/schemas/log/payment-legs'
import type { LegsRefused, PaymentInitiated, Sides } from '@micropay/schemas/log/saga-events'
import { transitPartnerOf } from '@micropay/schemas/transit'
import type { LedgerView } from './ledger.ts'
import { isIn, spansOf } from './lost-spans.ts'
import { asksOf, cancelled, sagas } from './saga.ts'
import { type SaidAt, steps } from './steps.ts'

type Begun = Pick<PaymentInitiated, 'paymentId' | 'legs' | 'participants' | 'mayBook' | 'effectiveAt' | 'deadline'>

/**
 * What a partition finds in its own log once another one, P, has lost history: of a payment that P has open again, what
 * this one did and has forgotten; of a payment of P that is gone, legs that it promised or has posted; and payments of
 * its own that have ended on an answer of P that is gone.
 */
export type Finding = { readonly tenant: string; readonly actor?: Actor } & (
  | ({ readonly kind: 'forgotten'; readonly paymentId: PaymentId } & Done)
  | { readonly kind: 'promised' | 'posted'; readonly paymentId: PaymentId; readonly legs: readonly Leg[] }
  | {
      readonly kind: 'ended'
      readonly begun: Begun
      readonly outcome: 'completed' | 'failed'
    }
)
/** The payment that it is about. */
export function paymentOf(finding: Finding): PaymentId {
  return finding.kind === 'ended' ? finding.begun.paymentId : finding.paymentId
}

type Done = {
  readonly state: 'posted' | 'refused'
  readonly at: SaidAt
  readonly sides?: Sides | undefined
  readonly rejection?: LegsRefused['rejection'] | undefined
}

/** Where a commit stands: the seq is in it, and this is the hash behind it. */
type Behind = { readonly hash: string }

export type LostHistory = {
  /** Takes the commits of this partition's log that count, from the first one. */
  take(commit: Commit, behind: Behind): void
  /** Whether this partition rests on a position that the resume would give again: then it was not far enough. */
  isGivenAgain(): boolean
  /** In the order in which they are made good, against the state behind the last commit. */
  findings(ledger: LedgerView): Finding[]
}

type Own = {
  readonly begun: Begun
  readonly tenant: string
  readonly actor: Actor
  readonly asks: readonly number[]
  readonly outcome?: 'completed' | 'failed'
  /** The seq of P's newest answer that a decision rests on. */
  readonly answer?: number
}

/**
 * `fresh` says whether P has lost something that this partition has not accepted yet: only then is anything gone that
 * was there before.
 */
export function createLostHistory(message: Resumed, before: LedgerView, fresh: boolean): LostHistory {
  const { from } = message
  const spans = [...spansOf(from, before), ...message.lost]
  const done = new Map<PaymentId, { readonly tenant: string; readonly done?: Done }>()
  const open = new Set(message.open)
  const gone = goneOf(from, spans)
  const own = ownOf(from, spans)
  let newest = 0
  return {
    take(commit, behind) {
      // What is said of lost history may rest on what the other one has written since.
      const isOfHistory = commit.command.type === 'AcceptHistory' || commit.command.type === 'LearnHistory'
      for (const { partition, seq } of isOfHistory ? [] : (commit.causes ?? [])) {
        if (partition === from) newest = Math.max(newest, seq)
      }
      for (const event of commit.events) {
        const payment = 'paymentId' in event.data ? event.data.paymentId : undefined
        const isOpen = payment !== undefined && open.has(payment as PaymentId)
        if (isOpen) noteDone(done, event, commit, behind)
        if (fresh) gone.take(event, commit)
        if (fresh) own.take(event, commit)
      }
    },
    isGivenAgain: () => fresh && newest >= message.at.seq,
    findings(ledger) {
      const forgotten = Array.from(done, ([paymentId, { tenant, done }]): Finding | undefined =>
        done && !ledger.read(steps, paymentId) ? { kind: 'forgotten', paymentId, tenant, ...done } : undefined,
      ).filter((each) => each !== undefined)
      return fresh ? [...forgotten, ...gone.findings(), ...own.findings(ledger)] : forgotten
    },
  }
}

/** What this partition did last of a payment of P; a promise is never forgotten. */
function noteDone(
  done: Map<PaymentId, { readonly tenant: string; readonly done?: Done }>,
  event: LedgerEvent,
  { seq, tenant }: Commit,
  { hash }: Behind,
): void {
  const at = { seq, hash }
  switch (event.type) {
    case 'LegsPosted':
      done.set(event.data.paymentId, { tenant, done: { state: 'posted', at, sides: event.data.sides } })
      return
    case 'LegsRefused':
      done.set(event.data.paymentId, { tenant, done: { state: 'refused', at, rejection: event.data.rejection } })
      return
    case 'LegsReleased':
      done.set(event.data.paymentId, { tenant, done: { state: 'refused', at, rejection: cancelled } })
      return
    case 'LegsRecalled': {
      const { paymentId, ...recalled } = event.data
      done.set(paymentId, { tenant, done: recalled })
    }
  }
}

/** The promises and posted legs of payments of P that are gone. */
function goneOf(from: number, spans: readonly LostSpan[]) {
  type Kept = { readonly legs: readonly Leg[]; readonly tenant: string }
  const promised = new Map<PaymentId, Kept>()
  const posted = new Map<PaymentId, Kept>()
  const isOfGone = (paymentId: PaymentId) => {
    const { partition, seq } = placeOfId(paymentId)
    return partition === from && isIn(spans, seq)
  }
  return {
    take(event: LedgerEvent, { tenant }: Commit): void {
      if (!isOfLegs(event) || !isOfGone(event.data.paymentId)) return
      const { paymentId, legs } = event.data
      if (event.type === 'LegsPrepared') promised.set(paymentId, { legs, tenant })
      else promised.delete(paymentId)
      if (event.type === 'LegsPosted') {
        posted.set(paymentId, { legs: legs.filter(({ account }) => transitPartnerOf(account) === undefined), tenant })
      }
      if (event.type === 'LegsWrittenOff') posted.delete(paymentId)
    },
    findings(): Finding[] {
      const each = (kind: 'promised' | 'posted', of: Map<PaymentId, Kept>) =>
        Array.from(of, ([paymentId, kept]): Finding => ({ kind, paymentId, ...kept }))
      return [...each('promised', promised), ...each('posted', posted)]
    },
  }
}

type OfLegs = EventOf<'LegsPrepared' | 'LegsPosted' | 'LegsReleased' | 'LegsWrittenOff'>
function isOfLegs(event: LedgerEvent): event is OfLegs {
  const { type } = event
  return type === 'LegsPrepared' || type === 'LegsPosted' || type === 'LegsReleased' || type === 'LegsWrittenOff'
}

/**
 * The payments of this partition whose newest answer of P is gone. Those that have ended on others are forgotten again,
 * so that memory grows with what was lost.
 */
function ownOf(from: number, spans: readonly LostSpan[]) {
  const own = new Map<PaymentId, Own>()
  const isGone = ({ answer }: Own) => answer !== undefined && isIn(spans, answer)
  function note(paymentId: PaymentId, more: Partial<Own>, isOver: boolean): void {
    const before = own.get(paymentId)
    if (!before) return
    const now = { ...before, ...more }
    if (isOver && !isGone(now)) own.delete(paymentId)
    else own.set(paymentId, now)
  }
  const answerIn = (causes: Commit['causes'] = []) => {
    const cause = causes.find(({ partition }) => partition === from)
    return cause ? { answer: cause.seq } : {}
  }
  return {
    take(event: LedgerEvent, { tenant, actor, causes = [] }: Commit): void {
      if (event.type === 'PaymentInitiated') {
        const { subject, participants } = event.data
        own.set(event.data.paymentId, {
          ...{ begun: begunIn(event.data), tenant, actor: { subject, client: actor.client }, asks: participants },
        })
      }
      if (event.type === 'PaymentReopened') {
        const { asks, outcome, paymentId } = event.data
        own.set(paymentId, { ...own.get(paymentId), begun: begunIn(event.data), tenant, actor, asks, outcome })
      }
      if (event.type === 'PaymentCompleted' || event.type === 'PaymentFailed') {
        const outcome = event.type === 'PaymentCompleted' ? 'completed' : 'failed'
        note(event.data.paymentId, { outcome, ...answerIn(causes) }, event.data.ended)
      }
      if (event.type === 'PaymentEnded') {
        let next = 0
        for (const paymentId of event.data.paymentIds) {
          const count = own.get(paymentId)?.asks.length ?? 0
          note(paymentId, answerIn(causes.slice(next, next + count)), true)
          next += count
        }
      }
    },
    findings(ledger: LedgerView): Finding[] {
      return Array.from(own, ([paymentId, each]): Finding | undefined => {
        const { begun, tenant, actor, outcome } = each
        const saga = ledger.read(sagas, paymentId)
        const asked = saga ? asksOf(saga) : []
        if (!isGone(each) || outcome === undefined || asked.includes(from)) return undefined
        return { kind: 'ended', begun, tenant, actor, outcome }
      }).filter((each) => each !== undefined)
    },
  }
}

function begunIn({ paymentId, legs, participants, mayBook, effectiveAt, deadline }: Begun): Begun {
  return { paymentId, legs, participants, mayBook, effectiveAt, deadline }
}
