import assert from 'node:assert/strict'
import { type AccountId, type PaymentId, paymentIdAt, placeOfId } from '@micropay/schemas/identifiers'
import type { Actor } from '@micropay/schemas/log/actor'
import type { Leg } from '@micropay/schemas/log/payment-legs'
import type { LegsRefused, PaymentInitiated, Sides } from '@micropay/schemas/log/saga-events'
import { partitionOf } from '@micropay/schemas/placement'
import { transitPartnerOf } from '@micropay/schemas/transit'
import { accountKey, accounts, knownAccount } from './account.ts'
import type { AccountState } from './account-state.ts'
import { putGivenBack } from './given-back.ts'
import { asItIs, type CommitFacts, type Folds, type LedgerView, type Put, put, remove, stateTable } from './ledger.ts'
import { valueSteps } from './period.ts'
import { withPayment } from './valued-until.ts'

/** So many payments of a coordinator may be open with one other partition. */
export const MOST_OPEN = 1_000

/** The commit that says what a partition says: seq, and the hash behind it. */
export type SaidAt = { readonly seq: number; readonly hash: string }

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
}

/** What this partition has done of a payment that another one coordinates, for as long as it may be asked. */
export type Step = {
  readonly state: 'prepared' | 'posted' | 'refused'
  readonly at: SaidAt
  /** While they are promised. */
  readonly promised?: { readonly tenant: string; readonly legs: readonly Leg[]; readonly effectiveAt: string }
  readonly sides?: Sides
  readonly rejection?: LegsRefused['rejection']
}

export const sagas = stateTable('sagas', (paymentId: PaymentId) => paymentId, asItIs<Saga>())
/** By partition, the seqs of the payments that are open with it, in rising order. */
const openSagas = stateTable('open-sagas', (partition: number) => `${partition}`, asItIs<readonly number[]>())
/** By partition the payments of it that steps are kept of: they are listed in chunks, so that each step changes one. */
export const steps = stateTable('steps', (paymentId: PaymentId) => paymentId, asItIs<Step>())
type Chunk = { readonly coordinator: number; readonly chunk: number }
const stepChunks = stateTable('step-chunks', (coordinator: number) => `${coordinator}`, asItIs<readonly number[]>())
const chunkSteps = stateTable(
  'chunk-steps',
  ({ coordinator, chunk }: Chunk) => `${coordinator}:${chunk}`,
  asItIs<readonly number[]>(),
)
/** By coordinator: no payment of it below that seq is open with this partition. */
const lows = stateTable('lows', (coordinator: number) => `${coordinator}`, asItIs<number>())
type TransitKey = { readonly tenant: string; readonly accountId: string }
/** What stands on a transit account of a tenant, in minor units. */
export const transits = stateTable(
  'transits',
  ({ tenant, accountId }: TransitKey) => `${tenant}\n${accountId}`,
  asItIs<string>(),
)
export const sagaTables = [sagas, openSagas, steps, stepChunks, chunkSteps, lows, transits]

/** So many seqs of a coordinator are one chunk. */
const CHUNK = 256

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
    const open = participants.map((other) => put(openSagas, other, [...openWith(other, ledger), seq]))
    return [put(sagas, paymentId, saga), ...given, ...open]
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
    return [
      ...held,
      ...putStep(
        paymentId,
        { state: 'prepared', promised: { tenant: facts.tenant, legs, effectiveAt }, sides },
        ledger,
        facts,
      ),
    ]
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
    return [...all, ...putStep(paymentId, { state: 'posted', sides }, ledger, facts)]
  },
  LegsReleased({ paymentId, legs }, ledger, facts) {
    const released = putHeld(legs, -1n, ledger, facts)
    if (isOwn(paymentId, facts)) return released
    return [...released, ...putStep(paymentId, { state: 'refused', rejection: cancelled }, ledger, facts)]
  },
  LegsRefused: ({ paymentId, rejection }, ledger, facts) =>
    putStep(paymentId, { state: 'refused', rejection }, ledger, facts),
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

/** The seqs of the payments of this coordinator that are open with a partition, rising. */
export function openWith(partition: number, ledger: LedgerView): readonly number[] {
  return ledger.read(openSagas, partition) ?? []
}

/** No payment of that coordinator below it is open with this partition, as far as it was told. */
export function lowOf(coordinator: number, ledger: LedgerView): number {
  return ledger.read(lows, coordinator) ?? 0
}

/** The payments of this partition that are open with others. */
export function openIn(partition: number, partitions: number, ledger: LedgerView): PaymentId[] {
  const seqs = new Set(Array.from({ length: partitions }, (_, other) => openWith(other, ledger)).flat())
  return [...seqs].sort((a, b) => a - b).map((seq) => paymentIdAt(partition, seq))
}

/** The payments of that coordinator whose steps are kept here. */
export function stepsFor(coordinator: number, ledger: LedgerView): PaymentId[] {
  const chunks = ledger.read(stepChunks, coordinator) ?? []
  return chunks.flatMap((chunk) => {
    return (ledger.read(chunkSteps, { coordinator, chunk }) ?? []).map((seq) => paymentIdAt(coordinator, seq))
  })
}

/** What a participant's commit says of its coordinator besides: what is below `low` is forgotten. */
export function forgetBelow(coordinator: number, low: number, ledger: LedgerView): Put[] {
  if (low <= lowOf(coordinator, ledger)) return []
  const puts: Put[] = [put(lows, coordinator, low)]
  const chunks = ledger.read(stepChunks, coordinator) ?? []
  const left = new Set(chunks)
  for (const chunk of chunks) {
    if (chunk > chunkOf(low)) break
    const key = { coordinator, chunk }
    const seqs = ledger.read(chunkSteps, key) ?? []
    const kept = seqs.filter((seq) => seq >= low)
    if (kept.length === 0) left.delete(chunk)
    if (kept.length === seqs.length) continue
    puts.push(kept.length === 0 ? remove(chunkSteps, key) : put(chunkSteps, key, kept))
    for (const seq of seqs) if (seq < low) puts.push(forgottenStep(paymentIdAt(coordinator, seq), ledger))
  }
  if (left.size < chunks.length)
    puts.push(left.size === 0 ? remove(stepChunks, coordinator) : put(stepChunks, coordinator, [...left]))
  return puts
}

function forgottenStep(paymentId: PaymentId, ledger: LedgerView): Put {
  assert(ledger.read(steps, paymentId)?.state !== 'prepared', `the promise for ${paymentId} would be forgotten`)
  return remove(steps, paymentId)
}

function putStep(paymentId: PaymentId, step: Omit<Step, 'at'>, ledger: LedgerView, facts: CommitFacts): Put[] {
  const own = put(steps, paymentId, { ...step, at: saidAt(facts) })
  if (ledger.read(steps, paymentId)) return [own]
  const { partition: coordinator, seq } = placeOfId(paymentId)
  const key = { coordinator, chunk: chunkOf(seq) }
  const seqs = ledger.read(chunkSteps, key)
  const listed = put(chunkSteps, key, [...(seqs ?? []), seq])
  if (seqs) return [own, listed]
  const chunks = [...(ledger.read(stepChunks, coordinator) ?? []), key.chunk].sort((a, b) => a - b)
  return [own, listed, put(stepChunks, coordinator, chunks)]
}

function chunkOf(seq: number): number {
  return Math.floor(seq / CHUNK)
}

function saidAt({ seq, hash }: CommitFacts): SaidAt {
  return { seq, hash }
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
  const seqs = new Set(paymentIds.map((paymentId) => placeOfId(paymentId).seq))
  const others = new Set(paymentIds.flatMap((paymentId) => openSaga(paymentId, ledger).participants))
  const open = Array.from(others, (other) => {
    const left = openWith(other, ledger).filter((seq) => !seqs.has(seq))
    return left.length === 0 ? remove(openSagas, other) : put(openSagas, other, left)
  })
  return [...paymentIds.map((paymentId) => remove(sagas, paymentId)), ...open]
}

/** Holds what the legs take, and keeps room for what they bring; or, with -1, lets go of both. */
function putHeld(legs: readonly Leg[], times: bigint, ledger: LedgerView, { tenant }: CommitFacts): Put[] {
  return changeEach(legs, ledger, tenant, (account, minor) => withHeld(account, minor, times))
}

function putPosted(legs: readonly Leg[], promised: boolean, ledger: LedgerView, { tenant }: CommitFacts): Put[] {
  return changeEach(legs, ledger, tenant, (account, minor) => {
    const free = promised ? withHeld(account, minor, -1n) : account
    return { ...free, balanceMinor: free.balanceMinor + minor }
  })
}

/** The accounts of legs behind a change for each of these, in the order in which they are named. */
function changeEach(
  legs: readonly Leg[],
  ledger: LedgerView,
  tenant: string,
  change: (account: AccountState, minor: bigint) => AccountState,
): Put[] {
  const changed = new Map<AccountId, AccountState>()
  for (const { account: id, amount } of legs) {
    const account = changed.get(id) ?? knownAccount(ledger, accountKey(tenant, id), id)
    changed.set(id, change(account, BigInt(amount)))
  }
  return Array.from(changed, ([id, account]) => put(accounts, accountKey(tenant, id), account))
}

function withHeld(account: AccountState, minor: bigint, times: bigint): AccountState {
  const { heldMinor = 0n, dueMinor = 0n, ...rest } = account
  const held = minor < 0n ? heldMinor - minor * times : heldMinor
  const due = minor > 0n ? dueMinor + minor * times : dueMinor
  assert(held >= 0n && due >= 0n, `more is let go of on ${account.accountId} than was promised`)
  return { ...rest, ...(held === 0n ? {} : { heldMinor: held }), ...(due === 0n ? {} : { dueMinor: due }) }
}

function putTransit({ account, amount }: Leg, ledger: LedgerView, { tenant }: CommitFacts): Put {
  const key = { tenant, accountId: account }
  const minor = BigInt(ledger.read(transits, key) ?? 0) + BigInt(amount)
  return minor === 0n ? remove(transits, key) : put(transits, key, minor.toString())
}

function negated(leg: Leg): Leg {
  return { ...leg, amount: (-BigInt(leg.amount)).toString() }
}
