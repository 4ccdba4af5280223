import type { PaymentId, PeriodId } from '@micropay/schemas/identifiers'
import type { Cause, Commit, Outcome, Resume } from '@micropay/schemas/log/commit'
import type { EventOf, LedgerEvent } from '@micropay/schemas/log/event'
import type { RefusalCause, Rejection } from '@micropay/schemas/log/rejection'
import type { Position } from '@micropay/schemas/position'
import { closingsIn } from '../decide/closing.ts'
import { type Kept, keptOf } from '../decide/decide.ts'
import { evolve } from '../decide/evolve.ts'
import { historyEvents, resumed } from '../decide/history.ts'
import {
  asItIs,
  type CommitFacts,
  type CommitPlace,
  type Decided,
  eventOf,
  type LedgerView,
  type Put,
  put,
  remove,
  stateTable,
} from '../decide/ledger.ts'
import { HOME, isLedgerFact, putFactsKnown } from '../decide/ledger-facts.ts'
import { type Overlay, overlayOn } from '../decide/overlay.ts'
import { asksOf, sagaEvents, sagas } from '../decide/saga.ts'
import { forgetBelow } from '../decide/steps.ts'

/**
 * What one idempotency key led to: enough to give the same answer again. An accepted command's answer is its request
 * (the same by `requestHash`) with what its noun keeps.
 */
export type KeyEntry = Decided &
  Partial<Kept> & {
    readonly seq: number
    readonly requestHash: string
    readonly rejection?: ToldRejection
    /** Of a payment across partitions that is decided: where that is seen, and whether that is everywhere. */
    readonly seenAt?: readonly Position[]
    readonly ended?: true
  }

/** A key with what it led to. */
export type KeptKey = { readonly scopedKey: string; readonly entry: KeyEntry }

/**
 * The keys of payments that this partition coordinates and has not decided, and of periods that it closes on several:
 * the decision is their answer for ever.
 */
const sagaKeys = stateTable('saga-keys', (id: PaymentId | PeriodId) => id, asItIs<KeptKey>())
/** State that goes with keys, and not with a noun. */
export const keyTables = [sagaKeys]

/**
 * The state and the key that a commit changes: what the owner's state takes over once the commit counts. It holds
 * nothing else of the commit, since thousands of changes wait to be written.
 */
export type StateChange = {
  /** Of a caller's command: a step of a payment across partitions has no key of its own. */
  readonly key: KeptKey | undefined
  /** Of commands that began payments across partitions: their answers, or where else they are seen, from here on. */
  readonly answered: readonly KeptKey[]
  readonly decidedAt: string
  /** Of a fact that this partition decided for the whole ledger: the seq in front of it. */
  readonly factAt?: number | undefined
  /** It is about a period that is being closed on several partitions, or may end what one waits for. */
  readonly closes?: boolean | undefined
  /** The payments across partitions that it is a step of. */
  readonly stepped: readonly PaymentId[]
  /** In the order of the events: the last one of a table and key stands. */
  readonly puts: readonly Put[]
}

/**
 * An idempotency key is its caller's own: scoped by tenant, client and subject, since everybody at a browser shares
 * the gateway as their client, and one person's key must never answer another.
 */
export function scopedKeyOf({ tenant, actor, idempotencyKey }: Keyed): string {
  return `${tenant}\n${actor.client}\n${actor.subject}\n${idempotencyKey}`
}

type Keyed = Pick<Commit, 'tenant' | 'actor'> & { readonly idempotencyKey: string }

/** Of a caller's command; undefined of a step of a payment across partitions. */
export function scopedKeyIn({ tenant, actor, idempotencyKey }: Commit): string | undefined {
  return idempotencyKey === undefined ? undefined : scopedKeyOf({ tenant, actor, idempotencyKey })
}

/**
 * Folds one commit onto the ledger as it stood before it: each event sees what the ones before it put. Pure:
 * replaying the log gives the same changes as deciding did.
 */
export function changeOf(commit: Commit, ledger: LedgerView, { partition, hash }: CommitPlace): StateChange {
  const { tenant, seq, actor, events, causes } = commit
  const facts = { tenant, seq, actor, causes, partition, hash }
  const puts: Put[] = []
  const after = behind(ledger, puts)
  for (const event of events) puts.push(...evolve(event, after, facts))
  if (isInside(commit)) {
    const key = keyOf(commit, ledger, after, facts)
    return { key, decidedAt: commit.decidedAt, stepped: none, puts, answered: none }
  }
  const coordinator = commit.causes?.[0]?.partition
  if (commit.low !== undefined && coordinator !== undefined) puts.push(...forgetBelow(coordinator, commit.low, after))
  if (commit.command.type === 'TakeFact' && commit.causes?.[0]) puts.push(putFactsKnown(commit.causes[0].seq))
  const stepped = [...new Set(events.flatMap((event) => steppedIn(event)))]
  const key = keyOf(commit, ledger, after, facts)
  const isFact = partition === HOME && events.some(isLedgerFact)
  const closes = closingsIn(ledger).length + closingsIn(after).length > 0
  const factAt = isFact ? { factAt: seq - 1 } : {}
  const change = { key, decidedAt: commit.decidedAt, stepped, puts, ...factAt, ...(closes ? { closes } : {}) }
  if (stepped.length === 0 && !closes) return { ...change, answered: [] }
  const began = key && begunIn(events)
  if (began) puts.push(put(sagaKeys, began, key))
  const answers = [...decidedIn(commit, after, facts), ...endedIn(commit, ledger)]
  for (const { id, kept } of answers) {
    puts.push(kept.entry.ended ? remove(sagaKeys, id) : put(sagaKeys, id, kept))
  }
  return { ...change, answered: answers.map(({ kept }) => kept) }
}

/** What a resume that counts changes; `partitions` is how many the ledger has. */
export function changeOfResume(
  resume: Resume,
  ledger: LedgerView,
  place: CommitPlace & { readonly partitions: number },
): StateChange {
  const puts = resumed(resume, ledger, place)
  return { key: undefined, decidedAt: resume.resumedAt, stepped: none, puts, answered: none }
}

const none: readonly never[] = []

/** A payment inside a partition, as most commits are: it is over with itself. */
function isInside({ events, causes }: Commit): boolean {
  return causes === undefined && events.length === 1 && events[0]?.type === 'PaymentPosted'
}

function steppedIn({ type, data }: LedgerEvent): readonly PaymentId[] {
  if (type === 'PaymentEnded') return data.paymentIds
  return (type in sagaEvents || type in historyEvents) && 'paymentId' in data ? [data.paymentId] : []
}

type Answered = { readonly id: PaymentId | PeriodId; readonly kept: KeptKey }

/** What a command has begun that is decided later. */
function begunIn(events: readonly LedgerEvent[]): PaymentId | PeriodId | undefined {
  return eventOf(events, 'PaymentInitiated')?.data.paymentId ?? eventOf(events, 'PeriodClosing')?.data.periodId
}

/** The key of the payment, or of the closing, that a commit decides, with its answer for ever. */
function decidedIn({ events, causes = [] }: Commit, after: LedgerView, { partition, seq }: CommitFacts): Answered[] {
  const decided =
    eventOf(events, 'PaymentCompleted') ??
    eventOf(events, 'PaymentFailed') ??
    eventOf(events, 'PeriodClosed') ??
    eventOf(events, 'PeriodCalledOff')
  const id = decided && ('paymentId' in decided.data ? decided.data.paymentId : decided.data.periodId)
  const kept = id && after.read(sagaKeys, id)
  if (!decided || !kept) return []
  const ended = 'ended' in decided.data ? decided.data.ended : true
  const { open: _, ...entry } = kept.entry as KeyEntry & { readonly open?: unknown }
  const seenAt = [{ partition, seq }, ...(ended ? causes.map(placeOfCause) : [])]
  const told = { ...entry, ...answerIn(decided, entry), seenAt, ...(ended ? { ended } : {}) }
  return [{ id, kept: { ...kept, entry: told } }]
}

type DecidingEvent = EventOf<'PaymentCompleted' | 'PaymentFailed' | 'PeriodClosed' | 'PeriodCalledOff'>

function answerIn(decided: DecidingEvent, entry: KeyEntry) {
  if (decided.type === 'PaymentCompleted') return { paymentKind: decided.data.kind }
  if (decided.type === 'PeriodClosed') return {}
  if (decided.type === 'PeriodCalledOff') return { rejection: decided.data.rejection }
  const { cause, ...rejection } = decided.data.rejection
  // Whoever approves is told of it (rejectionTold, below).
  return { rejection: cause !== undefined && 'approved' in entry ? { ...rejection, cause } : rejection }
}

/** The answers of all participants are the causes, payment by payment. */
function endedIn({ events, causes = [] }: Commit, before: LedgerView): Answered[] {
  let next = 0
  return (eventOf(events, 'PaymentEnded')?.data.paymentIds ?? []).flatMap((paymentId) => {
    const [kept, saga] = [before.read(sagaKeys, paymentId), before.read(sagas, paymentId)]
    const own = causes.slice(next, next + (saga ? asksOf(saga).length : 0))
    next += own.length
    if (!kept) return []
    const seenAt = [...(kept.entry.seenAt ?? []), ...own.map(placeOfCause)]
    return [{ id: paymentId, kept: { ...kept, entry: { ...kept.entry, seenAt, ended: true } } }]
  })
}

function placeOfCause({ partition, seq }: Cause): Position {
  return { partition, seq }
}

/** The ledger with all that is put by then. After its only event, as most commits have, nobody looks. */
function behind(ledger: LedgerView, puts: readonly Put[]): LedgerView {
  let overlay: Overlay | undefined
  let laid = 0
  return {
    read(table, key) {
      if (puts.length === 0) return ledger.read(table, key)
      overlay ??= overlayOn(ledger)
      if (laid < puts.length) overlay.put(puts.slice(laid))
      laid = puts.length
      return overlay.read(table, key)
    },
  }
}

function keyOf(commit: Commit, before: LedgerView, after: LedgerView, facts: CommitFacts): KeptKey | undefined {
  const { seq, requestHash, decidedAt, outcome } = commit
  const scopedKey = scopedKeyIn(commit)
  if (scopedKey === undefined || requestHash === undefined) return undefined
  const entry = { seq, requestHash, decidedAt }
  if (outcome.kind === 'rejected') {
    return { scopedKey, entry: { ...entry, rejection: rejectionTold(commit, outcome) } }
  }
  return {
    scopedKey,
    entry: { ...entry, ...keptOf({ ...facts, events: commit.events, command: commit.command }, before, after) },
  }
}

/** A refusal as its caller is told it: `cause` is for staff. */
export type ToldRejection = Rejection & { readonly cause?: RefusalCause }

/** Whoever approves is staff, and decides about what somebody else may not know: of an approval the cause is told. */
export function rejectionTold(
  { command }: Pick<Commit, 'command'>,
  { code, detail, pointer, cause }: Extract<Outcome, { kind: 'rejected' }>,
): ToldRejection {
  const isTold = cause !== undefined && command.type === 'ApproveCommand'
  return { code, detail, ...(pointer === undefined ? {} : { pointer }), ...(isTold ? { cause } : {}) }
}
