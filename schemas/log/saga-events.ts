import { z } from 'zod'
import { AccountType } from '../account-type.ts'
import { leftOver } from '../left-over.ts'
import { PaymentKind } from '../payment-kind.ts'
import { PaymentLeg, PaymentTexts } from './payment-legs.ts'
import { personal } from './personal.ts'
import { RefusalCause, Rejection } from './rejection.ts'
import { StoredLegAccountId, StoredOwnerId, StoredPaymentId, StoredPeriodId, StoredText } from './stored-fields.ts'

/*
 * What a payment across partitions says in the log of each of them. The coordinator is the partition that decides the
 * command; the others that have legs are participants. A leg that is promised holds what leaves its account and keeps
 * room for what comes to it, until it is posted or released.
 */

/** Of which types the accounts are that own legs debit and credit: what kind of payment it is follows from all. */
export const sides = z.object({ debited: z.array(AccountType), credited: z.array(AccountType) })
export type Sides = z.infer<typeof sides>

/**
 * The coordinator begins it. `legs` are all of them, also those of the other partitions in `participants`; decided by
 * what `subject` may do; until `deadline` it may still come about, and `settles` where its one participant decides.
 * `kind` is there where it does not follow from the accounts: of a refund.
 */
export const PaymentInitiated = z.object({
  paymentId: StoredPaymentId,
  legs: z
    .array(PaymentLeg)
    .min(2)
    .refine((legs) => leftOver(legs).length === 0, { error: 'must sum to zero in each currency' }),
  participants: z.array(z.int().min(0)).min(1),
  subject: StoredOwnerId,
  mayBook: z.boolean(),
  effectiveAt: z.string(),
  deadline: z.iso.datetime(),
  settles: z.literal(true).optional(),
  kind: PaymentKind.optional(),
  personal: personal(PaymentTexts).optional(),
  reverses: z.object({ paymentId: StoredPaymentId, whole: z.boolean() }).optional(),
  corrects: StoredPeriodId.optional(),
})
export type PaymentInitiated = z.infer<typeof PaymentInitiated>

/**
 * The coordinator's decision, for ever: it happens on all partitions. `ended`: nothing is left to do elsewhere.
 * `learned`: it had lost that it was decided, and is told so by one who has posted it.
 */
export const PaymentCompleted = z.object({
  paymentId: StoredPaymentId,
  kind: PaymentKind,
  ended: z.boolean(),
  learned: z.literal(true).optional(),
})
export type PaymentCompleted = z.infer<typeof PaymentCompleted>
export const PaymentCompletedV1 = PaymentCompleted.omit({ learned: true })
export type PaymentCompletedV1 = z.infer<typeof PaymentCompletedV1>
/** The other one: it happens on none. The reason is what the giver of the command is told. */
export const PaymentFailed = z.object({
  paymentId: StoredPaymentId,
  rejection: z.object({ ...Rejection.shape, cause: RefusalCause.optional() }),
  ended: z.boolean(),
})
/** The one who decides is asked to let it be: what it says then stands. */
export const CancelRequested = z.object({
  paymentId: StoredPaymentId,
  code: z.enum(['payment_cancelled', 'payment_expired']),
  personal: personal(z.object({ reason: StoredText })).optional(),
})
/** Every participant of these has done what was decided: nothing more is said of them. */
export const PaymentEnded = z.object({ paymentIds: z.array(StoredPaymentId).min(1) })

const ownLegs = z.array(PaymentLeg).min(1)

export const LegsPrepared = z.object({ paymentId: StoredPaymentId, legs: ownLegs, effectiveAt: z.string(), sides })
export type LegsPrepared = z.infer<typeof LegsPrepared>

const balancedLegs = z
  .array(PaymentLeg.extend({ account: StoredLegAccountId }))
  .min(1)
  .refine((legs) => leftOver(legs).length === 0, { error: 'must sum to zero in each currency' })

/**
 * Own legs with what passes between here and other partitions, which stands on transit accounts: together they sum to
 * zero. `promised` where they were before; `forced` where they had been and that is lost: they are posted whatever
 * limits and freezes say by now, and what has no open account stands on a suspense account.
 */
export const LegsPosted = z.object({
  paymentId: StoredPaymentId,
  legs: balancedLegs,
  effectiveAt: z.string(),
  promised: z.boolean(),
  sides,
  forced: z.literal(true).optional(),
})
export type LegsPosted = z.infer<typeof LegsPosted>
export const LegsPostedV1 = LegsPosted.omit({ forced: true })
export type LegsPostedV1 = z.infer<typeof LegsPostedV1>

/** `code` where it was not told to: its coordinator has lost the payment. */
export const LegsReleased = z.object({
  paymentId: StoredPaymentId,
  legs: ownLegs,
  code: z.literal('history_lost').optional(),
})
export type LegsReleased = z.infer<typeof LegsReleased>
export const LegsReleasedV1 = LegsReleased.omit({ code: true })
export type LegsReleasedV1 = z.infer<typeof LegsReleasedV1>
/** They were not promised and never will be. `leg` is the place among all legs of the payment. */
export const LegsRefused = z.object({
  paymentId: StoredPaymentId,
  rejection: z.object({
    ...Rejection.omit({ pointer: true }).shape,
    leg: z.int().min(0).optional(),
    member: z.enum(['account', 'amount', 'currency', 'stands', 'effectiveAt']).optional(),
    cause: RefusalCause.optional(),
  }),
})
export type LegsRefused = z.infer<typeof LegsRefused>
