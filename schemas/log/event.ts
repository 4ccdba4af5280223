import { z } from 'zod'
import { AccountPath } from '../account-path.ts'
import { AccountType } from '../account-type.ts'
import { OverdraftLimit } from '../api/account.ts'
import { PayeeFact } from '../api/payee.ts'
import { PaymentKind } from '../api/payment.ts'
import { ImportedStatement } from '../api/statement.ts'
import { AccountId, OwnerId, PaymentId } from '../identifiers.ts'
import { AmountMinor, CurrencyCode } from '../money.ts'

const accountOpened = z.object({
  accountId: AccountId,
  type: AccountType,
  currency: CurrencyCode,
  owner: OwnerId,
  name: z.string().optional(),
  path: AccountPath.optional(),
  overdraftLimit: OverdraftLimit,
})
const accountChanged = z.object({ accountId: AccountId, reason: z.string().optional() })
const paymentPosted = z.object({
  paymentId: PaymentId,
  kind: PaymentKind,
  postings: z.array(z.object({ from: AccountId, to: AccountId, amount: AmountMinor, currency: CurrencyCode })).min(1),
  effectiveAt: z.string(),
  reference: z.string().optional(),
  description: z.string().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
})

/**
 * Every event in its current version. An event is a fact and is never edited: a change of shape is a new version with an upcaster
 * in event-versions.ts, and the old JSON stays in fixtures/ for ever.
 */
export const LedgerEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('AccountOpened'), version: z.literal(1), data: accountOpened }),
  z.object({ type: z.literal('AccountFrozen'), version: z.literal(1), data: accountChanged }),
  z.object({ type: z.literal('AccountUnfrozen'), version: z.literal(1), data: accountChanged }),
  z.object({ type: z.literal('AccountClosed'), version: z.literal(1), data: accountChanged }),
  z.object({ type: z.literal('PaymentPosted'), version: z.literal(1), data: paymentPosted }),
  z.object({ type: z.literal('StatementImported'), version: z.literal(1), data: ImportedStatement }),
  z.object({ type: z.literal('PayeeSaved'), version: z.literal(1), data: PayeeFact }),
  z.object({ type: z.literal('PayeeRemoved'), version: z.literal(1), data: PayeeFact }),
])
export type LedgerEvent = z.infer<typeof LedgerEvent>
export type EventType = LedgerEvent['type']
export type EventOf<Type extends EventType> = Extract<LedgerEvent, { type: Type }>

/** The newest generation of event shapes that this code writes; a claim carries it, so that an old reader knows when to stop. */
export const EVENT_GENERATION = 1
