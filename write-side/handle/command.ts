import type { PaymentDetail } from '@micropay/schemas/api/confirmation'
import type { ProblemCode } from '@micropay/schemas/api/problem'
import type { AccountId, PaymentId } from '@micropay/schemas/identifiers'
import type { Actor } from '@micropay/schemas/log/actor'
import type { Commit } from '@micropay/schemas/log/commit'
import type { Position } from '@micropay/schemas/position'
import type { CommandAnswer, LedgerCommand } from '../decide/decide.ts'
import type { Confirmation, Elsewhere } from '../decide/ledger.ts'
import type { Given } from '../decide/stepped.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import type { ToldRejection } from '../state/partition-state.ts'

/**
 * One command on its way to a decision. `idempotencyKey` is the client's own; it is scoped by tenant, client and
 * person.
 */
export type CommandRequest = {
  readonly command: LedgerCommand
  readonly tenant: string
  readonly actor: Actor
  readonly mayBook: boolean
  readonly mayApprove?: boolean
  readonly idempotencyKey: string
  readonly requestHash: string
  /** The same by the other keys of the ring: what was asked before one of them became the first is known by that. */
  readonly otherHashes?: readonly string[]
  /** What earlier code would have made of the same request, by each key: a key that it kept is known by that. */
  readonly earlierHashes?: readonly string[]
  readonly dryRun: boolean
  /** What its caller has confirmed; absent where that is asked of nobody: see DecisionFacts. */
  readonly confirmation?: Confirmation | undefined
  /**
   * How long its caller waits, in milliseconds, for what becomes of a payment across partitions: for the decision, or,
   * `toTheEnd`, until it is seen on all of them.
   */
  readonly wait?: { readonly ms: number; readonly toTheEnd?: boolean }
  /** The account that it is about and that lives on another partition. */
  readonly elsewhere?: Elsewhere
  /** The trace that it belongs to, where that is recorded. */
  readonly traceparent?: string | undefined
  /** What the log said of the payment that the command is about, once it was asked. */
  readonly original?: Original | undefined
}

/** What the owner of a partition gives itself: a step of payments across partitions. It has no key. */
export type StepRequest = { readonly step: Given }
export type OwnerRequest = CommandRequest | StepRequest

/** Whether two requests with the same idempotency key ask for the same. */
export function isSameRequest(one: Asked, other: Asked): boolean {
  if (one.requestHash === other.requestHash) return true
  return [[one, other] as const, [other, one] as const].some(([by, hash]) => by.otherHashes?.includes(hash.requestHash))
}

type Asked = Pick<CommandRequest, 'requestHash' | 'otherHashes'>

/**
 * Whether a payment across partitions, or the closing of a period, is under way: of an approval, what it approved.
 */
export function isPending({ answer }: Extract<CommandResult, { kind: 'accepted' }>): boolean {
  const result = 'result' in answer ? answer.result : answer
  return typeof result === 'object' && result !== null && 'status' in result && underWay.has(result.status)
}

const underWay = new Set<unknown>(['pending', 'closing'])

export function isStep(request: OwnerRequest): request is StepRequest {
  return 'step' in request
}

/**
 * `commit` is undefined where no commit that counts has the payment's position. It holds for the state whose folds it
 * was found between: another one may be of a log that a person has given that commit up in.
 */
export type Original = {
  readonly paymentId: PaymentId
  readonly commit: Commit | undefined
  readonly foundFor: LedgerState
}

type InLedger = {
  readonly position: Position | undefined
  readonly replayed: boolean
  /** Of a payment across partitions that is decided: where it is seen. */
  readonly seenAt?: readonly Position[] | undefined
  /** What its caller waits for is told by another worker: the partition went there meanwhile. */
  readonly movedOn?: true
}

/**
 * What became of it. `accepted` and `rejected` are in the ledger for ever (or would be: `position` is undefined for a
 * dry run); what `refused` leaves open is said by its code (docs/errors.md).
 */
export type CommandResult =
  | (InLedger & { readonly kind: 'accepted'; readonly answer: CommandAnswer })
  | (InLedger & { readonly kind: 'rejected'; readonly rejection: ToldRejection })
  | {
      readonly kind: 'refused'
      readonly code: ProblemCode
      readonly detail: string
      readonly retryAfterSeconds?: number
      /** Nothing was decided yet: this account lives on another partition, and has to be known. */
      readonly asks?: AccountId
      /** What its caller has to confirm at the issuer first. */
      readonly confirm?: readonly PaymentDetail[]
    }
