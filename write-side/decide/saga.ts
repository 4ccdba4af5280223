import assert from 'node:assert/strict'
import { type PaymentId, placeOfId } from '@micropay/schemas/identifiers'
import type { Actor } from '@micropay/schemas/log/actor'
import type { Leg } from '@micropay/schemas/log/payment-legs'
import type { LegsRefused, PaymentInitiated, Sides } from '@micropay/schemas/log/saga-events'
import { partitionOf } from '@micropay/schemas/placement'
import { transitPartnerOf } from '@micropay/schemas/transit'
import { putGivenBack } from './given-back.ts'
import { asItIs, type CommitFacts, type Folds, type LedgerView, type Put, put, remove, stateTable } from './ledger.ts'
import { putHeld, putPosted, putTransit, transits } from './moved-legs.ts'
import { openTables, payerOf, putOpenNoMore, putOpenWith } from './open-payments.ts'
import { valueSteps } from './period.ts'
import { putStep, type SaidAt, type Step, saidAt, steps, stepTables } from './steps.ts'
import { withPayment } from './valued-until.ts'

/**
 * A payment that this partition coordinates, until it is ended. `preparing`: all promise first; `asked`: the one
 * participant decides; `cancelling`: it was asked to let it be; `completed` and `failed`: decided, and not done
 * everywhere yet.
 */
type Begun = 'legs' | 'participants' | 'effectiveAt' | 'deadline' | 'kind' | 'reverses'
export type Saga = Pick<PaymentInitiated, Begun> & {
  readonly state: 'preparing' | 'asked' | 'cancelling' | 'completed' | 'failed'
  readonly tenant: string
  readonly actor: Actor
  readonly mayBook: boolean
  readonly at: SaidAt
  readonly sides: Sides
  /** What a failure is told for, once the one who decides has let it be. */
  readonly cancelled?: 'payment_cancelled' | 'payment_expired'
  /** Whose answers it needs: of all participants, but for one that was opened again. */
  readonly asks?: readonly number[]
  /** It was open as this partition, or one that it asks, lost history: who did may have lost what it promised. */
  readonly repaired?: true
  /** It had ended, and was opened again. */
  readonly reopened?: true
}

/** The participants whose answers end it, rising. */
export function asksOf({ asks, participants }: Pick<Saga, 'asks' | 'participants'>): readonly number[] {
  return asks ?? participants
}

export const sagas = stateTable('sagas', (paymentId: PaymentId) => paymentId, asItIs<Saga>())
export const sagaTables = [sagas, ...openTables, ...stepTables, transits]

type SagaEvent =
  | 'PaymentInitiated'
  | 'PaymentCompleted'
  | 'PaymentFailed'
  | 'CancelRequested'
  | 'PaymentEnded'
  | 'LegsPrepared'
  | 'LegsPosted'
  | 'LegsReleased'
  | 'LegsRefused'

export const sagaEvents: Folds<SagaEvent> = {
  PaymentInitiated(data, ledger, facts) {
    const { paymentId, legs, participants, effectiveAt, deadline, subject, mayBook, kind, reverses, settles } = data
    const { tenant, actor, seq } = facts
    const saga: Saga = {
      state: settles ? 'asked' : 'preparing',
      ...{ tenant, actor: { subject, client: actor.client }, mayBook, at: saidAt(facts) },
      ...{ legs, participants, effectiveAt, deadline, sides: { debited: [], credited: [] } },
      ...(kind === undefined ? {} : { kind }),
      ...(reverses === undefined ? {} : { reverses }),
    }
    const given = reverses ? [putGivenBack(reverses.paymentId, legs, ledger)] : []
    return [put(sagas, paymentId, saga), ...given, ...putOpenWith(participants, { seq, payer: payerOf(saga) }, ledger)]
  },
  PaymentCompleted({ paymentId, ended }, ledger, facts) {
    const saga = openSaga(paymentId, ledger)
    return ended ? forgotten([paymentId], ledger) : [put(sagas, paymentId, moved(saga, 'completed', facts))]
  },
  PaymentFailed({ paymentId, ended }, ledger, facts) {
    const saga = openSaga(paymentId, ledger)
    const taken = saga.reverses ? [putGivenBack(saga.reverses.paymentId, saga.legs.map(negated), ledger)] : []
    const rest = ended ? forgotten([paymentId], ledger) : [put(sagas, paymentId, moved(saga, 'failed', facts))]
    return [...taken, ...rest]
  },
  CancelRequested({ paymentId, code }, ledger, facts) {
    return [put(sagas, paymentId, { ...moved(openSaga(paymentId, ledger), 'cancelling', facts), cancelled: code })]
  },
  PaymentEnded: ({ paymentIds }, ledger) => forgotten(paymentIds, ledger),
  LegsPrepared({ paymentId, legs, effectiveAt, sides }, ledger, facts) {
    const held = putHeld(legs, 1n, ledger, facts)
    if (isOwn(paymentId, facts)) return [...held, put(sagas, paymentId, { ...openSaga(paymentId, ledger), sides })]
    assert(!ledger.read(steps, paymentId), `the legs of ${paymentId} were promised twice`)
    const promised = { tenant: facts.tenant, legs, effectiveAt }
    const step: Step = { state: 'prepared', promised, sides, at: saidAt(facts) }
    return [...held, ...putStep(paymentId, step, ledger)]
  },
  LegsPosted({ paymentId, legs, effectiveAt, promised, sides }, ledger, facts) {
    const own = legs.filter(({ account }) => transitPartnerOf(account) === undefined)
    const moved = putPosted(own, promised, ledger, facts)
    const passed = legs.filter(({ account }) => transitPartnerOf(account) !== undefined)
    const transit = passed.map((leg) => putTransit(leg, ledger, facts))
    const dated = withPayment(ledger.read(valueSteps, facts.tenant) ?? [], effectiveAt, facts.seq)
    const all = [...moved, ...transit, put(valueSteps, facts.tenant, dated)]
    if (isOwn(paymentId, facts)) return all
    const before = ledger.read(steps, paymentId)
    assert((before?.state === 'prepared') === promised, `the legs of ${paymentId} were posted after ${before?.state}`)
    return [...all, ...putStep(paymentId, { state: 'posted', sides, at: saidAt(facts) }, ledger)]
  },
  LegsReleased({ paymentId, legs }, ledger, facts) {
    const released = putHeld(legs, -1n, ledger, facts)
    if (isOwn(paymentId, facts)) return released
    return [...released, ...putStep(paymentId, { state: 'refused', rejection: cancelled, at: saidAt(facts) }, ledger)]
  },
  LegsRefused: ({ paymentId, rejection }, ledger, facts) =>
    putStep(paymentId, { state: 'refused', rejection, at: saidAt(facts) }, ledger),
}

/** What a participant says that was told to let it be. */
export const cancelled: LegsRefused['rejection'] = {
  code: 'payment_cancelled',
  detail: 'the payment was cancelled before it came about',
}

/** Whether this partition coordinates the payment. */
export function isOwn(paymentId: PaymentId, { partition }: Pick<CommitFacts, 'partition'>): boolean {
  return placeOfId(paymentId).partition === partition
}

/** The partitions that legs live on, rising. */
export function partitionsOf(legs: readonly Pick<Leg, 'account'>[], partitions: number): number[] {
  return [...new Set(legs.map(({ account }) => partitionOf(account, partitions)))].sort((a, b) => a - b)
}

function openSaga(paymentId: PaymentId, ledger: LedgerView): Saga {
  const saga = ledger.read(sagas, paymentId)
  assert(saga, `an event names ${paymentId}, which is not open here`)
  return saga
}

function moved(saga: Saga, state: Saga['state'], facts: CommitFacts): Saga {
  assert(saga.state !== 'completed' && saga.state !== 'failed', 'a payment is decided once')
  return { ...saga, state, at: saidAt(facts) }
}

/** They are open with nobody any more. */
function forgotten(paymentIds: readonly PaymentId[], ledger: LedgerView): Put[] {
  const ended = paymentIds.map((paymentId) => ({ seq: placeOfId(paymentId).seq, saga: openSaga(paymentId, ledger) }))
  const others = new Set(ended.flatMap(({ saga }) => saga.participants))
  const open = ended.map(({ seq, saga }) => ({ seq, payer: payerOf(saga) }))
  return [...paymentIds.map((paymentId) => remove(sagas, paymentId)), ...putOpenNoMore(open, others, ledger)]
}

function negated(leg: Leg): Leg {
  return { ...leg, amount: (-BigInt(leg.amount)).toString() }
}
