import type { AccountId, PaymentId } from '@micropay/schemas/identifiers'
import type { Cause, Commit } from '@micropay/schemas/log/commit'
import type { EventOf, EventType, LedgerEvent } from '@micropay/schemas/log/event'
import type { ApprovedInVain } from '@micropay/schemas/log/given'
import type { RefusalCause, Rejection, RejectionCode } from '@micropay/schemas/log/rejection'
import type { PaymentKind } from '@micropay/schemas/payment-kind'
import type { Position } from '@micropay/schemas/position'
import type { AccountState } from './account-state.ts'

/**
 * One kind of state that a partition keeps, declared by its noun: from it follow its database on disk, its place in
 * memory and how decisions read it. Methods, so that tables of all kinds fit one list.
 */
export type StateTable<Key, Value> = {
  /** The name of its database on disk, for ever. */
  readonly name: string
  /** The key as one text, different for different keys. */
  keyText(key: Key): string
  encode(value: Value): unknown
  decode(stored: unknown): Value
}

/** How a value stands on disk: what MessagePack knows, so no bigint. */
export type Codec<Value, Stored> = {
  readonly encode: (value: Value) => Stored
  readonly decode: (stored: Stored) => Value
}

export function stateTable<Key, Value, Stored>(
  name: string,
  keyText: (key: Key) => string,
  codec: Codec<Value, Stored>,
): StateTable<Key, Value> {
  return { name, keyText, ...codec }
}

/** For values that stand on disk as they are. */
export function asItIs<Value>(): Codec<Value, Value> {
  return { encode: (value) => value, decode: (stored) => stored }
}

/** What a decision may look at: the state of one partition as all earlier commits left it. */
export type LedgerView = {
  read<Key, Value>(table: StateTable<Key, Value>, key: Key): Value | undefined
}

/**
 * One piece of state as it stands after an event. Made by `put` alone, so that a table holds values of its own type
 * only.
 */
export type Put = {
  readonly table: StateTable<unknown, unknown>
  readonly key: string
  readonly value: unknown
}

export function put<Key, Value>(table: StateTable<Key, Value>, key: Key, value: Value): Put {
  return { table, key: table.keyText(key), value }
}

/** Nothing stands there from here on. */
export function remove<Key, Value>(table: StateTable<Key, Value>, key: Key): Put {
  return { table, key: table.keyText(key), value: REMOVED }
}

/** What a put has for a value that takes away what was there. */
export const REMOVED = Symbol('removed')

/** What an event's fold knows of the commit that holds it. */
export type CommitFacts = Pick<Commit, 'tenant' | 'seq' | 'actor'> &
  CommitPlace & { readonly causes?: readonly Cause[] | undefined }

/** Where a commit stands: `hash` is the one behind it. */
export type CommitPlace = { readonly partition: number; readonly hash: string }

/**
 * The state that an event changes, as it stands after it. Pure; a fact that does not fit the state is a bug and
 * stops.
 */
export type Fold<Data> = (data: Data, ledger: LedgerView, commit: CommitFacts) => readonly Put[]
/** The folds of some types of event. */
export type Folds<Type extends EventType> = { readonly [Each in Type]: Fold<EventOf<Each>['data']> }

/** The first event of a type, if there is one. */
export function eventOf<Type extends EventType>(events: readonly LedgerEvent[], type: Type): EventOf<Type> | undefined {
  return events.find((event): event is EventOf<Type> => event.type === type)
}

/**
 * What comes with a command from outside the decision: who gave it, when it is decided, and the id that it would get.
 */
export type DecisionFacts = {
  readonly tenant: string
  readonly subject: string
  /** The caller may book payments between any accounts, not only from accounts of their own. */
  readonly mayBook: boolean
  /** The caller may refuse what others propose; who approves is asked for at the door. */
  readonly mayApprove?: boolean
  readonly decidedAt: string
  /**
   * What a caller who pays from accounts of their own has confirmed. Absent where nobody asks for that: of staff, of a
   * dry run, and in a verification, since the log knows no tokens.
   */
  readonly confirmation?: Confirmation | undefined
  readonly paymentId: PaymentId
  /** The commit of the payment that a refund names, as the log has it; absent where there is none. */
  readonly original?: Commit | undefined
  /** How many partitions the ledger has; one, unless it is said. */
  readonly partitions?: number
  /** An account of the caller's tenant that lives on another partition, as that one has it. */
  readonly elsewhere?: Elsewhere | undefined
  /** Of a refund that counts: what was paid elsewhere was its giver's own, as that partition had said. */
  readonly isElsewhereTheirs?: true
  /**
   * Of a payment across partitions that a refund names: whether its coordinator has decided, and how. Absent where that
   * was forgotten with the payment's key.
   */
  readonly originalOutcome?: 'open' | 'completed' | 'failed' | undefined
  readonly originalKind?: PaymentKind | undefined
  /** Whether that partition answers promptly, so that it may be asked to decide a payment. */
  readonly isPrompt?: (partition: number) => boolean
  /** The newest generation of shapes that was announced: a rule applies from the one on that brought it. */
  readonly generation: number
}

/** What a payment brings to an account: `amount` is in units of the currency, as a person reads it. */
export type Brought = { readonly payee: string; readonly amount: string; readonly currency: string }

/** What the payer of a payment has confirmed, and until when that counts, an instant. */
export type Confirmation = { readonly payments: readonly Brought[]; readonly until: string }

/** `account` is undefined where there is none. */
export type Elsewhere = { readonly accountId: AccountId; readonly account: AccountState | undefined }

export type Decision =
  | { readonly kind: 'accepted'; readonly events: readonly LedgerEvent[] }
  /** `cause` is for the log and for staff; `inVain` is the command that was approved and then refused for this. */
  | ({ readonly kind: 'rejected'; readonly cause?: RefusalCause; readonly inVain?: ApprovedInVain } & Rejection)

/** Nothing is decided and nothing appended: the same command may be decided in a moment. */
export class NotNowError extends Error {
  readonly code: 'overloaded' | 'rate_limited' = 'overloaded'
}

/** What that partition knows of history that was lost here may say how payments with it came out. */
export class HistoryUnansweredError extends NotNowError {
  constructor(partition: number) {
    const what = `partition ${partition} has yet to say what it knows of what was lost here`
    super(`${what}, and payments with it wait until then`)
  }
}

/** Too many payments are open with that partition. */
export class TooManyOpenError extends NotNowError {
  constructor(partition: number) {
    super(`too many payments are under way to partition ${partition} of the ledger, which does not answer`)
  }
}

/** As many payments from that account are open with that partition as one account may have. */
export class ShareOpenError extends NotNowError {
  override readonly code = 'rate_limited'

  constructor(accountId: AccountId, partition: number) {
    const what = `from ${accountId} too many payments are under way to partition ${partition} of the ledger`
    super(`${what}, which does not answer: wait until some have ended, or cancel them`)
  }
}

/** All that is to know of one command, given by its noun. */
export type CommandRule<Data, Kept, Answer> = {
  /** What its commit is about: the commit's key, and what its partition is chosen by. */
  place(data: Data, generation: number): string
  /** The generation that brought what it asks for, where that is later than the one of the command itself. */
  needs?(data: Data): number
  /** The events that it leads to against the ledger as it stands, or the first reason against it. Pure. */
  decide(data: Data, ledger: LedgerView, facts: DecisionFacts): Decision
  /**
   * What its idempotency key keeps for the answer beyond the request and `Decided`, from its events and the state
   * after them.
   */
  keep?(events: readonly LedgerEvent[], after: LedgerView, commit: CommitFacts): Kept | undefined
  /**
   * The answer to an accepted one, the same when it is decided and whenever it is replayed. A dry run has no
   * position.
   */
  answer(data: Data, decided: Decided & Partial<Kept>, position: Position | undefined): Answer
}

/** What every idempotency key keeps. */
export type Decided = { readonly decidedAt: string }

export function accepted(...events: LedgerEvent[]): Decision {
  return { kind: 'accepted', events }
}

export function rejected(code: RejectionCode, detail: string, pointer?: string, cause?: RefusalCause): Decision {
  const optional = { ...(pointer === undefined ? {} : { pointer }), ...(cause === undefined ? {} : { cause }) }
  return { kind: 'rejected', code, detail, ...optional }
}
