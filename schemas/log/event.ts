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
import { Actor } from './actor.ts'
import { HistoryAccepted, HistoryAnswered, LegsRecalled, LegsWrittenOff, PaymentReopened } from './history-events.ts'
import { LedgerZoneSet, PolicySet } from './ledger-events.ts'
import { PaymentLeg, PaymentTexts } from './payment-legs.ts'
import { PeriodCalledOff, PeriodClosed, PeriodClosing, PeriodReopened, PeriodSealed } from './period-events.ts'
import { personal } from './personal.ts'
import {
  CancelRequested,
  LegsPosted,
  LegsPostedV1,
  LegsPrepared,
  LegsRefused,
  LegsReleased,
  LegsReleasedV1,
  PaymentCompleted,
  PaymentCompletedV1,
  PaymentEnded,
  PaymentFailed,
  PaymentInitiated,
} from './saga-events.ts'
import { ImportedStatement, StatementImportedV1, StatementPart, StatementWithdrawn } from './statement-shapes.ts'
import {
  StoredAccountId,
  StoredAmount,
  StoredCurrency,
  StoredDay,
  StoredOwnerId,
  StoredPaymentId,
  StoredPeriodId,
  StoredPolicyId,
  StoredProposalId,
  StoredText,
} from './stored-fields.ts'

/**
 * What `PaymentPosted` holds: legs that leave something over are none that anybody has written. `reverses` is the
 * payment that this one gives back, `whole` where nothing of it is left then; `corrects` the closed period in which
 * that one counts.
 */
export const PaymentPosted = z.object({
  paymentId: StoredPaymentId,
  kind: PaymentKind,
  legs: z
    .array(PaymentLeg)
    .min(1)
    .refine((legs) => leftOver(legs).length === 0, { error: 'must sum to zero in each currency' }),
  effectiveAt: z.string(),
  personal: personal(PaymentTexts).optional(),
  reverses: z.object({ paymentId: StoredPaymentId, whole: z.boolean() }).optional(),
  corrects: StoredPeriodId.optional(),
})
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
  ...PaymentTexts.shape,
})
export type PaymentPostedV1 = z.infer<typeof PaymentPostedV1>

/** The data of `PayeeSaved` and of `PayeeRemoved`: whose payee it is, and which account it stood for. */
export const PayeeFact = z.object({ owner: StoredOwnerId, alias: StoredText, accountId: StoredAccountId })
export type PayeeFact = z.infer<typeof PayeeFact>

/**
 * Who asked whether an account is held under a name, and what they were told: `shown` is the account's own name, where
 * they were told that. `day` is the one that it counts for, in the ledger's zone of then.
 */
const payeeChecked = z.object({
  owner: StoredOwnerId,
  accountId: StoredAccountId,
  outcome: z.enum(['match', 'close', 'none']),
  day: StoredDay,
  personal: personal(z.object({ name: StoredText, shown: StoredText.optional() })),
})

/**
 * A command that waits for a second person, with all that was asked: `hash` is SHA-256, base64url, over its type, a
 * line feed and the JSON of its data: in canonical form (RFC 8785), before that as it was given. `mayBook` is what its
 * maker was allowed. A policy that nobody set has no id.
 */
const commandProposed = z.object({
  proposalId: StoredProposalId,
  command: z.object({ type: StoredText, hash: z.string().length(43) }),
  policyId: StoredPolicyId.optional(),
  mayBook: z.boolean(),
  expiresAt: z.iso.datetime(),
  personal: personal(z.record(z.string(), z.unknown())),
})
/** Stands in front of the events of the command itself. `maker` gave it; version 1 did not say who. */
export const CommandApproved = z.object({ proposalId: StoredProposalId, maker: Actor.optional() })
export type CommandApproved = z.infer<typeof CommandApproved>
export const CommandApprovedV1 = CommandApproved.omit({ maker: true })
export type CommandApprovedV1 = z.infer<typeof CommandApprovedV1>
const commandRefused = z.object({
  proposalId: StoredProposalId,
  personal: personal(z.object({ reason: StoredText })).optional(),
})

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
  z.object({ type: z.literal('PaymentInitiated'), version: z.literal(1), data: PaymentInitiated }),
  z.object({ type: z.literal('PaymentCompleted'), version: z.literal(2), data: PaymentCompleted }),
  z.object({ type: z.literal('PaymentFailed'), version: z.literal(1), data: PaymentFailed }),
  z.object({ type: z.literal('CancelRequested'), version: z.literal(1), data: CancelRequested }),
  z.object({ type: z.literal('PaymentEnded'), version: z.literal(1), data: PaymentEnded }),
  z.object({ type: z.literal('LegsPrepared'), version: z.literal(1), data: LegsPrepared }),
  z.object({ type: z.literal('LegsPosted'), version: z.literal(2), data: LegsPosted }),
  z.object({ type: z.literal('LegsReleased'), version: z.literal(2), data: LegsReleased }),
  z.object({ type: z.literal('LegsRefused'), version: z.literal(1), data: LegsRefused }),
  z.object({ type: z.literal('LegsRecalled'), version: z.literal(1), data: LegsRecalled }),
  z.object({ type: z.literal('LegsWrittenOff'), version: z.literal(1), data: LegsWrittenOff }),
  z.object({ type: z.literal('PaymentReopened'), version: z.literal(1), data: PaymentReopened }),
  z.object({ type: z.literal('HistoryAccepted'), version: z.literal(1), data: HistoryAccepted }),
  z.object({ type: z.literal('HistoryAnswered'), version: z.literal(1), data: HistoryAnswered }),
  z.object({ type: z.literal('StatementPart'), version: z.literal(1), data: StatementPart }),
  z.object({ type: z.literal('StatementImported'), version: z.literal(2), data: ImportedStatement }),
  z.object({ type: z.literal('StatementWithdrawn'), version: z.literal(1), data: StatementWithdrawn }),
  z.object({ type: z.literal('PayeeSaved'), version: z.literal(1), data: PayeeFact }),
  z.object({ type: z.literal('PayeeRemoved'), version: z.literal(1), data: PayeeFact }),
  z.object({ type: z.literal('PayeeChecked'), version: z.literal(1), data: payeeChecked }),
  z.object({ type: z.literal('LedgerZoneSet'), version: z.literal(1), data: LedgerZoneSet }),
  z.object({ type: z.literal('PeriodClosing'), version: z.literal(1), data: PeriodClosing }),
  z.object({ type: z.literal('PeriodSealed'), version: z.literal(1), data: PeriodSealed }),
  z.object({ type: z.literal('PeriodClosed'), version: z.literal(1), data: PeriodClosed }),
  z.object({ type: z.literal('PeriodCalledOff'), version: z.literal(1), data: PeriodCalledOff }),
  z.object({ type: z.literal('PeriodReopened'), version: z.literal(1), data: PeriodReopened }),
  z.object({ type: z.literal('PolicySet'), version: z.literal(1), data: PolicySet }),
  z.object({ type: z.literal('CommandProposed'), version: z.literal(1), data: commandProposed }),
  z.object({ type: z.literal('CommandApproved'), version: z.literal(2), data: CommandApproved }),
  z.object({ type: z.literal('CommandRefused'), version: z.literal(1), data: commandRefused }),
])
export type LedgerEvent = z.infer<typeof LedgerEvent>
export type EventType = LedgerEvent['type']
export type EventOf<Type extends EventType> = Extract<LedgerEvent, { type: Type }>

/**
/**
 * Every command that a commit may name, whatever became of it. The owner of a partition gives itself the steps: an
 * open payment has reached its deadline, another partition has said something of one, of the whole ledger, of what it
 * has lost, or of what this one has, or the closing of a period goes on.
 */
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
  'SetZone',
  'ClosePeriod',
  'ReopenPeriod',
  'SetPolicy',
  'ApproveCommand',
  'RefuseCommand',
  'RefundPayment',
  'WithdrawStatement',
  'CheckPayee',
  'CancelPayment',
  'ExpirePayment',
  'StepPayment',
  'TakeFact',
  'CallOffPeriod',
  'StepPeriod',
  'AcceptHistory',
  'LearnHistory',
])
export type CommandType = z.infer<typeof CommandType>
/** What nobody gives but the owner of a partition itself. */
const ownSteps = [
  ...(['ExpirePayment', 'StepPayment', 'TakeFact', 'StepPeriod', 'AcceptHistory', 'LearnHistory'] as const),
] as const satisfies CommandType[]
export type OwnStep = (typeof ownSteps)[number]

/** A step of the ledger's own has no key: nobody waits for it, and it is told apart by what it rests on. */
export function isOwnStep(type: CommandType): type is OwnStep {
  return ownSteps.some((own) => own === type)
}

/** Of the events that have more than one version, the schemas of the earlier ones. */
export const earlierVersions: Readonly<Partial<Record<EventType, Readonly<Record<number, z.ZodType>>>>> = {
  AccountOpened: { 1: AccountOpenedV1 },
  AccountFrozen: { 1: AccountStatusV1 },
  AccountUnfrozen: { 1: AccountStatusV1 },
  AccountClosed: { 1: AccountStatusV1 },
  StatementImported: { 1: StatementImportedV1 },
  PaymentPosted: { 1: PaymentPostedV1 },
  PaymentCompleted: { 1: PaymentCompletedV1 },
  LegsPosted: { 1: LegsPostedV1 },
  LegsReleased: { 1: LegsReleasedV1 },
  CommandApproved: { 1: CommandApprovedV1 },
}
