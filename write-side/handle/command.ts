import type { AccountDecided } from '@micropay/schemas/account'
import type { Actor } from '@micropay/schemas/commit'
import type { PayeeDecided } from '@micropay/schemas/payee'
import type { PaymentAccepted } from '@micropay/schemas/payment'
import type { Position } from '@micropay/schemas/position'
import type { ProblemCode } from '@micropay/schemas/problem'
import type { Rejection } from '@micropay/schemas/rejection'
import type { StatementAccepted } from '@micropay/schemas/statement'
import type { LedgerCommand } from '../decide/ledger.ts'

/** One command on its way to a decision. `idempotencyKey` is the client's own; it is scoped by tenant, client and person. */
export type CommandRequest = {
  readonly command: LedgerCommand
  readonly tenant: string
  readonly actor: Actor
  readonly mayBook: boolean
  readonly idempotencyKey: string
  readonly requestHash: string
  readonly dryRun: boolean
}

export type CommandAnswer = PaymentAccepted | AccountDecided | PayeeDecided | StatementAccepted

/** What became of it. `decided` is in the ledger for ever (or would be: `position` is undefined for a dry run); `refused` appended nothing. */
export type CommandResult =
  | {
      readonly kind: 'accepted'
      readonly position: Position | undefined
      readonly replayed: boolean
      readonly answer: CommandAnswer
    }
  | {
      readonly kind: 'rejected'
      readonly position: Position | undefined
      readonly replayed: boolean
      readonly rejection: Rejection
    }
  | {
      readonly kind: 'refused'
      readonly code: ProblemCode
      readonly detail: string
      readonly retryAfterSeconds?: number
    }
