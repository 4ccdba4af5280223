import { z } from 'zod'
import { leftOver } from '../left-over.ts'
import { PaymentKind } from '../payment-kind.ts'
import {
  AccountChanged,
  AccountFlagSet,
  AccountFrozen,
  AccountOpened,
  AccountOpenedV1,
  AccountStatusChanged,
  AccountStatusV1,
} from './account-events.ts'
import { personal } from './personal.ts'
import { ImportedStatement, StatementImportedV1, StatementPart } from './statement-shapes.ts'
import {
  StoredAccountId,
  StoredAmount,
  StoredCurrency,
  StoredMovement,
  StoredOwnerId,
  StoredPaymentId,
  StoredSum,
  StoredText,
} from './stored-fields.ts'

/** `stands` asserts the balance of the account behind this leg; the legs of one posting have the same `pair`. */
const leg = z.object({
  account: StoredAccountId,
  amount: StoredMovement,
  currency: StoredCurrency,
  pair: z.int().min(1).optional(),
  stands: StoredSum.optional(),
})
const paymentTexts = {
  reference: StoredText.optional(),
  description: StoredText.optional(),
  metadata: z.record(z.string(), StoredText).optional(),
}
/** What `PaymentPosted` holds: legs that leave something over are none that anybody has written. */
export const PaymentPosted = z.object({
  paymentId: StoredPaymentId,
  kind: PaymentKind,
  legs: z
    .array(leg)
    .min(1)
    .refine((legs) => leftOver(legs).length === 0, { error: 'must sum to zero in each currency' }),
  effectiveAt: z.string(),
  personal: personal(z.object(paymentTexts)).optional(),
})
/** One leg of a payment, as it stands in the log. */
export type Leg = z.infer<typeof leg>

const posting = z.object({
  from: StoredAccountId,
  to: StoredAccountId,
  amount: StoredAmount,
  currency: StoredCurrency,
})
/** What `PaymentPosted` held in version 1. */
export const PaymentPostedV1 = z.object({
  paymentId: StoredPaymentId,
  kind: PaymentKind,
  postings: z.array(posting).min(1),
  effectiveAt: z.string(),
  ...paymentTexts,
})
export type PaymentPostedV1 = z.infer<typeof PaymentPostedV1>

/** The data of `PayeeSaved` and of `PayeeRemoved`: whose payee it is, and which account it stood for. */
export const PayeeFact = z.object({ owner: StoredOwnerId, alias: StoredText, accountId: StoredAccountId })
export type PayeeFact = z.infer<typeof PayeeFact>

/**
 * Every event in its current version. An event is a fact and is never edited: a change of shape is a new version with
 * an upcaster in event-versions.ts, and the old JSON stays in fixtures/ for ever.
 */
export const LedgerEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('AccountOpened'), version: z.literal(2), data: AccountOpened }),
  z.object({ type: z.literal('AccountFrozen'), version: z.literal(2), data: AccountFrozen }),
  z.object({ type: z.literal('AccountUnfrozen'), version: z.literal(2), data: AccountStatusChanged }),
  z.object({ type: z.literal('AccountClosed'), version: z.literal(2), data: AccountStatusChanged }),
  z.object({ type: z.literal('AccountChanged'), version: z.literal(1), data: AccountChanged }),
  z.object({ type: z.literal('AccountFlagSet'), version: z.literal(1), data: AccountFlagSet }),
  z.object({ type: z.literal('PaymentPosted'), version: z.literal(2), data: PaymentPosted }),
  z.object({ type: z.literal('StatementPart'), version: z.literal(1), data: StatementPart }),
  z.object({ type: z.literal('StatementImported'), version: z.literal(2), data: ImportedStatement }),
  z.object({ type: z.literal('PayeeSaved'), version: z.literal(1), data: PayeeFact }),
  z.object({ type: z.literal('PayeeRemoved'), version: z.literal(1), data: PayeeFact }),
])
export type LedgerEvent = z.infer<typeof LedgerEvent>
export type EventType = LedgerEvent['type']
export type EventOf<Type extends EventType> = Extract<LedgerEvent, { type: Type }>

/** Every command that a commit may name, whatever became of it. */
export const CommandType = z.enum([
  'OpenAccount',
  'FreezeAccount',
  'UnfreezeAccount',
  'CloseAccount',
  'ChangeAccount',
  'SetAccountFlag',
  'MakePayment',
  'ImportStatement',
  'KeepStatementPart',
  'SavePayee',
  'RemovePayee',
])
export type CommandType = z.infer<typeof CommandType>

/** Of the events that have more than one version, the schemas of the earlier ones. */
export const earlierVersions: Readonly<Partial<Record<EventType, Readonly<Record<number, z.ZodType>>>>> = {
  AccountOpened: { 1: AccountOpenedV1 },
  AccountFrozen: { 1: AccountStatusV1 },
  AccountUnfrozen: { 1: AccountStatusV1 },
  AccountClosed: { 1: AccountStatusV1 },
  StatementImported: { 1: StatementImportedV1 },
  PaymentPosted: { 1: PaymentPostedV1 },
}
