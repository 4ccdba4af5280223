import { z } from 'zod'
import { leftOver } from '../left-over.ts'
import { PaymentLeg } from './payment-legs.ts'
import { LegsRefused, PaymentInitiated, sides } from './saga-events.ts'
import { StoredLegAccountId, StoredPaymentId } from './stored-fields.ts'

/*
 * What partitions say in their logs once one of them, P below, has lost the end of its own and a person has accepted
 * that by a resume. It holds for payments that both take part in.
 */

/** What a resume of a partition gave up: whatever stood behind `after` and before the resume, at `seq`, is gone. */
export const LostSpan = z.object({ after: z.int().min(0), seq: z.int().min(1) })
export type LostSpan = z.infer<typeof LostSpan>

/** Where a commit stands, as its own partition says it. */
const saidAt = z.object({ seq: z.int().min(1), hash: z.string().length(43) })

/**
 * P has a payment open again that had ended, and of which this partition had forgotten what it did: what its own log
 * says of that holds again. `sides` of what was posted, `rejection` of what was refused or released.
 */
export const LegsRecalled = z.object({
  paymentId: StoredPaymentId,
  state: z.enum(['posted', 'refused']),
  at: saidAt,
  sides: sides.optional(),
  rejection: LegsRefused.shape.rejection.optional(),
})
export type LegsRecalled = z.infer<typeof LegsRecalled>

/**
 * It was posted here, and is gone where it was decided. Whoever got it keeps it: what stood on the transit accounts for
 * P stands on suspense accounts from here on, and counts from then. These legs sum to zero.
 */
export const LegsWrittenOff = z.object({
  paymentId: StoredPaymentId,
  legs: z
    .array(PaymentLeg.extend({ account: StoredLegAccountId }))
    .refine((legs) => leftOver(legs).length === 0, { error: 'must sum to zero in each currency' }),
  effectiveAt: z.string(),
})
export type LegsWrittenOff = z.infer<typeof LegsWrittenOff>

/**
 * A payment of this partition that was decided, and on an answer of P that is gone: `asks` are those whose answers end
 * it now. What its caller was told stays.
 */
export const PaymentReopened = z.object({
  paymentId: StoredPaymentId,
  outcome: z.enum(['completed', 'failed']),
  asks: z.array(z.int().min(0)).min(1),
  ...PaymentInitiated.pick({ legs: true, participants: true, mayBook: true, effectiveAt: true, deadline: true }).shape,
})
export type PaymentReopened = z.infer<typeof PaymentReopened>

/** What P has lost is gone here, too: all that follows from it stands in front. `open` are its payments that P has. */
export const HistoryAccepted = z.object({
  partition: z.int().min(0),
  lost: z.array(LostSpan),
  open: z.array(StoredPaymentId),
})
export type HistoryAccepted = z.infer<typeof HistoryAccepted>

/** At P: what that partition knows of what was lost here is taken over. */
export const HistoryAnswered = z.object({ partition: z.int().min(0) })
export type HistoryAnswered = z.infer<typeof HistoryAnswered>
