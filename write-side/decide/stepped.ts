import type { PaymentId } from '@micropay/schemas/identifiers'
import type { Actor } from '@micropay/schemas/log/actor'
import type { Cause } from '@micropay/schemas/log/commit'
import type { LedgerEvent } from '@micropay/schemas/log/event'
import type { Answer, PaymentMessage, ToldFact } from '@micropay/schemas/log/message'
import type { DecisionFacts } from './ledger.ts'

/** What the owner of a partition does of itself: it has heard something, an hour has come, or payments are done. */
export type Given =
  | { readonly kind: 'heard'; readonly message: PaymentMessage }
  | { readonly kind: 'told'; readonly message: ToldFact }
  | { readonly kind: 'expired'; readonly payment: PaymentId }
  | { readonly kind: 'ended'; readonly payments: readonly PaymentId[] }

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
}

export const nothing: Stepped = { kind: 'nothing' }
