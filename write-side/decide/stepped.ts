import type { PaymentId, PeriodId } from '@micropay/schemas/identifiers'
import type { Actor } from '@micropay/schemas/log/actor'
import type { Cause } from '@micropay/schemas/log/commit'
import type { LedgerEvent } from '@micropay/schemas/log/event'
import type {
  Accepted,
  Answer,
  PaymentMessage,
  Resumed,
  SealedMessage,
  StepTold,
  ToldFact,
} from '@micropay/schemas/log/message'
import type { DecisionFacts } from './ledger.ts'
import type { Finding } from './lost-history.ts'

/**
 * What the owner of a partition does of itself: it has heard something, an hour has come, payments are done, or periods
 * are being closed.
 */
export type Given =
  | { readonly kind: 'heard'; readonly message: PaymentMessage }
  | { readonly kind: 'told'; readonly message: ToldFact }
  | { readonly kind: 'expired'; readonly payment: PaymentId }
  | { readonly kind: 'ended'; readonly payments: readonly PaymentId[] }
  | { readonly kind: 'closings' }
  /** Of what another partition has lost: one thing that was found in the own log, and that all of it is made good. */
  | { readonly kind: 'found'; readonly message: Resumed; readonly finding: Finding }
  | { readonly kind: 'accepting'; readonly message: Resumed; readonly findings: readonly Finding[] }
  /** Of what was lost here: a step that another one has told of, and that it has told all. */
  | { readonly kind: 'learned'; readonly message: Accepted; readonly told: StepTold }
  | { readonly kind: 'answered'; readonly message: Accepted }
  /** Nothing: once the second of two is taken, what was taken before the first counts. */
  | { readonly kind: 'turn'; readonly of: string }

/** A step of what is made good once a partition has lost history. */
export type HistoryStep = Extract<Given, { kind: 'found' | 'accepting' | 'learned' | 'answered' }>

export function isOfHistory(given: Given): given is HistoryStep {
  const { kind } = given
  return kind === 'found' || kind === 'accepting' || kind === 'learned' || kind === 'answered'
}

/** What it comes to: a commit, nothing (it was so already, or is not to be answered), or what cannot be handled. */
export type Stepped =
  | {
      readonly kind: 'accepted'
      readonly events: readonly LedgerEvent[]
      readonly tenant: string
      readonly actor: Actor
      readonly causes: readonly Cause[]
      readonly low?: number
    }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'parked'; readonly reason: string }

/** What a coordinator was answered of a payment in the state that it is in, by partition. */
export type Heard = ReadonlyMap<number, Answer>

export type StepFacts = Pick<DecisionFacts, 'decidedAt' | 'generation'> & {
  readonly partition: number
  /** Of the last commit. */
  readonly seq: number
  readonly partitions: number
  readonly heard: (payment: PaymentId) => Heard
  /** At the home of facts, what was said of that period since its claim. */
  readonly sealed: (period: PeriodId) => Seals
}

/** What others said of a closing that they have sealed, by partition. */
export type Seals = ReadonlyMap<number, SealedMessage>

/** What the ledger does of itself, and for nobody. */
export const LEDGER: Actor = { subject: 'ledger', client: 'ledger' }

export const nothing: Stepped = { kind: 'nothing' }
