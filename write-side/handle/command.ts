import type { AccountDecided } from '@micropay/schemas/api/account'
import type { PayeeDecided } from '@micropay/schemas/api/payee'
import type { PaymentAccepted } from '@micropay/schemas/api/payment'
import type { ProblemCode } from '@micropay/schemas/api/problem'
import type { StatementAccepted } from '@micropay/schemas/api/statement'
import type { Actor } from '@micropay/schemas/log/commit'
import type { Rejection } from '@micropay/schemas/log/rejection'
import type { Position } from '@micropay/schemas/position'
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
