import { z } from 'zod'
import { IdempotencyKey, PayableId, PaymentId, PeriodId } from '../identifiers.ts'
import { leftOver } from '../left-over.ts'
import { RefusalCause } from '../log/rejection.ts'
import { AmountMinor, CurrencyCode, isMovement, MovementMinor, SignedMinor, StatedMinor, SumMinor } from '../money.ts'
import { PaymentKind } from '../payment-kind.ts'
import { label, plainText } from '../text.ts'
import type { ProblemCode } from './problem.ts'

export const MAX_POSTINGS = 100
export const MAX_LEGS = 2 * MAX_POSTINGS
export const MAX_BATCH_PAYMENTS = 10_000

/** Moves `amount` minor units out of one account and into another; both hold `currency`. */
export const Posting = z
  .strictObject({ from: PayableId, to: PayableId, amount: AmountMinor, currency: CurrencyCode })
  .refine((posting) => posting.from !== posting.to, {
    error: 'an account cannot pay itself: from and to must differ',
    path: ['to'],
  })
  .meta({ id: 'Posting' })
export type Posting = z.infer<typeof Posting>

/** One side of a payment: what `amount` is below zero leaves the account, what is above comes to it. */
const legFields = { account: PayableId, amount: MovementMinor, currency: CurrencyCode }
const asserted = 'An assertion: the balance of the account behind this leg. The payment is refused where it is another.'
export const RequestedLeg = z
  .strictObject({ ...legFields, stands: StatedMinor.optional().meta({ description: asserted }) })
  .meta({ id: 'RequestedLeg' })
export type RequestedLeg = z.infer<typeof RequestedLeg>

/** A leg of a payment as it stands in the ledger; the two legs of one posting have the same `pair`. */
export const PaymentLeg = z
  .object({
    ...legFields,
    stands: SignedMinor.optional().meta({ description: asserted }),
    pair: z.int().min(1).optional(),
  })
  .meta({ id: 'PaymentLeg' })
export type PaymentLeg = z.infer<typeof PaymentLeg>

/** Any number of legs on either side: in each currency they sum to zero, and no account stands on both sides. */
const Legs = z
  .array(RequestedLeg)
  .min(2)
  .max(MAX_LEGS)
  .superRefine((legs, context) => {
    // A leg that is wrong itself is told as such.
    if (!legs.every(({ amount }) => isMovement(amount))) return
    const sides = new Map<string, boolean>()
    for (const [index, { account, amount }] of legs.entries()) {
      if (amount === '0') continue
      const leaves = amount.startsWith('-')
      if (sides.get(account) === !leaves) {
        const message = `${account} stands on both sides: let all legs of one account go the same way`
        const params = { code: 'account_on_both_sides' satisfies ProblemCode }
        context.addIssue({ code: 'custom', message, path: [index, 'account'], params })
      }
      sides.set(account, leaves)
    }
    for (const [currency, sum] of leftOver(legs)) {
      const message = `the legs in ${currency} sum to ${sum} and not to 0: what leaves accounts must come to others`
      context.addIssue({ code: 'custom', message, params: { code: 'legs_unbalanced' satisfies ProblemCode } })
    }
  })

const metadata = z
  .record(z.string().regex(/^[A-Za-z0-9._-]{1,40}$/), plainText(500))
  .refine((entries) => Object.keys(entries).length <= 20, { error: 'at most 20 entries' })

/** Value dates that PostgreSQL, JavaScript and RFC 3339 all write alike; a year beyond them is a slip. */
const EARLIEST_EFFECTIVE_MS = Date.parse('1900-01-01T00:00:00Z')
const LATEST_EFFECTIVE_MS = Date.parse('2200-01-01T00:00:00Z')

const effectiveAt = z.iso
  .datetime({ offset: true, error: 'must be an RFC 3339 instant, such as 2026-03-01T09:30:00Z' })
  .refine((instant) => Date.parse(instant) >= EARLIEST_EFFECTIVE_MS && Date.parse(instant) < LATEST_EFFECTIVE_MS, {
    error: 'must lie in the years 1900 to 2199',
  })

const paymentFields = {
  postings: z.array(Posting).min(1).max(MAX_POSTINGS).optional(),
  legs: Legs.optional(),
  effectiveAt: effectiveAt.optional().meta({
    description: 'When it counts for the business (value date), in the years 1900 to 2199; now when left out.',
  }),
  reference: label(140).optional(),
  description: label(500).optional(),
  metadata: metadata.optional(),
}

const oneOfBoth = {
  error: 'give postings (from, to, amount) or legs (account, signed amount), and not both',
  path: ['postings'],
}

/**
 * POST /v1/payments. All postings happen at once or none does: limits hold for the balances after the last of them. A
 * payment from an `external` account is a deposit, one to it a withdrawal.
 */
export const MakePayment = z
  .strictObject({ ...paymentFields, dryRun: z.boolean().optional() })
  .refine(hasOneOfBoth, oneOfBoth)
  .meta({ id: 'MakePayment' })
export type MakePayment = z.infer<typeof MakePayment>

/**
 * POST /v1/payments/:paymentId/refund: all that is left of the payment, an amount of one between two accounts, or legs
 * with what goes back from and to each account.
 */
export const RefundPayment = z
  .strictObject({
    amount: AmountMinor.optional(),
    legs: Legs.refine((legs) => legs.every(isGivenBack), {
      error: 'a leg of a refund moves an amount, and asserts no balance',
    }).optional(),
    reason: label(500),
    effectiveAt: paymentFields.effectiveAt,
    metadata: metadata.optional(),
    dryRun: z.boolean().optional(),
  })
  .refine(({ amount, legs }) => amount === undefined || legs === undefined, {
    error: 'give an amount or legs, and not both',
    path: ['amount'],
  })
  .meta({ id: 'RefundPayment' })
export type RefundPayment = z.infer<typeof RefundPayment>

function isGivenBack({ amount, stands }: RequestedLeg): boolean {
  return amount !== '0' && stands === undefined
}

export const BatchPayment = z
  .strictObject({ idempotencyKey: IdempotencyKey, ...paymentFields })
  .refine(hasOneOfBoth, oneOfBoth)
  .meta({ id: 'BatchPayment' })
export type BatchPayment = z.infer<typeof BatchPayment>

function hasOneOfBoth({ postings, legs }: { postings?: unknown; legs?: unknown }): boolean {
  return (postings === undefined) !== (legs === undefined)
}

/**
 * POST /v1/payments/batch: every payment has a key and an outcome of its own; they are decided in order, none waits for
 * another.
 */
export const PaymentBatch = z
  .strictObject({ payments: z.array(z.unknown()).min(1).max(MAX_BATCH_PAYMENTS) })
  .meta({ id: 'PaymentBatch' })
export type PaymentBatch = z.infer<typeof PaymentBatch>

const Reverses = z.object({
  paymentId: PaymentId,
  whole: z.boolean().meta({ description: 'Nothing of that payment is left to give back then.' }),
})
const corrects = 'The closed period in which the payment counts that this reverses.'

/** What a payment that was accepted answers. */
export const PaymentAccepted = z
  .object({
    paymentId: PaymentId.nullable().meta({ description: 'null for a dry run' }),
    status: z.literal('posted'),
    kind: PaymentKind,
    postings: z.array(Posting).optional().meta({ description: 'Where every leg has its pair.' }),
    legs: z.array(PaymentLeg),
    effectiveAt: z.iso.datetime(),
    decidedAt: z.iso.datetime(),
    reference: z.string().optional(),
    description: z.string().optional(),
    metadata: z.record(z.string(), z.string()).optional(),
    reverses: Reverses.optional(),
    corrects: PeriodId.optional().meta({ description: corrects }),
  })
  .meta({ id: 'PaymentAccepted' })
export type PaymentAccepted = z.infer<typeof PaymentAccepted>

/** What a payment across partitions of the ledger answers while it is under way. */
export const PaymentPending = z
  .object({
    ...PaymentAccepted.omit({ kind: true, status: true }).shape,
    status: z.literal('pending'),
    deadline: z.iso.datetime().meta({ description: 'It comes about by then, or nothing of it happens.' }),
  })
  .meta({ id: 'PaymentPending' })
export type PaymentPending = z.infer<typeof PaymentPending>

/** POST /v1/payments/:paymentId/cancel */
export const CancelPayment = z.strictObject({ reason: label(500).optional() }).meta({ id: 'CancelPayment' })
export type CancelPayment = z.infer<typeof CancelPayment>
export const CancelDecided = z
  .object({
    paymentId: PaymentId,
    status: z.enum(['cancelled', 'cancelling']).meta({
      description: 'cancelling: whoever decides it was asked to let it be, and may have decided before.',
    }),
    decidedAt: z.iso.datetime(),
  })
  .meta({ id: 'CancelDecided' })
export type CancelDecided = z.infer<typeof CancelDecided>

/** A payment as GET /v1/payments/:paymentId shows it; a refused one keeps its place in the ledger and says why. */
export const Payment = z
  .object({
    paymentId: PaymentId,
    position: z.string(),
    status: z.enum(['pending', 'posted', 'rejected']).meta({
      description: 'pending: it is under way between partitions of the ledger, since `decidedAt`.',
    }),
    deadline: z.iso
      .datetime()
      .optional()
      .meta({ description: 'While it is pending: it comes about by then, or never.' }),
    rejection: z
      .object({
        code: z.string(),
        detail: z.string(),
        cause: RefusalCause.optional().meta({ description: 'What the giver of the command was not told; for staff.' }),
      })
      .nullable(),
    kind: PaymentKind.nullable(),
    postings: z
      .array(
        z.object({
          from: PayableId,
          fromName: z.string().nullable(),
          to: PayableId,
          toName: z.string().nullable(),
          amount: AmountMinor,
          currency: CurrencyCode,
        }),
      )
      .optional()
      .meta({ description: 'Where every leg that is shown has its pair.' }),
    legs: z.array(PaymentLeg.extend({ name: z.string().nullable() })),
    effectiveAt: z.iso.datetime(),
    decidedAt: z.iso.datetime(),
    reference: z.string().nullable(),
    description: z.string().nullable(),
    metadata: z.record(z.string(), z.string()),
    reverses: Reverses.nullable().meta({ description: 'Of a refund: what it gives back, or was to.' }),
    corrects: PeriodId.nullable().meta({ description: corrects }),
    actor: z.string().optional().meta({
      description:
        'The subject of the token that gave the command, if the log says it; an owner is told their own alone.',
    }),
    approvedBy: z.string().optional().meta({
      description: 'The second person, who approved it or meant to, where one was needed; for staff.',
    }),
  })
  .meta({ id: 'Payment' })
export type Payment = z.infer<typeof Payment>

/** A refund as the payment that it gives back lists it. */
export const RefundOf = z
  .object({
    paymentId: PaymentId,
    position: z.string(),
    whole: z.boolean(),
    amounts: z.array(z.object({ currency: CurrencyCode, amount: SumMinor })),
    decidedAt: z.iso.datetime(),
  })
  .meta({ id: 'RefundOf' })
export type RefundOf = z.infer<typeof RefundOf>

/** The refunds of a payment that are listed with it: the first ones. What is left counts them all. */
export const MOST_REFUNDS_SHOWN = 100

/** GET /v1/payments/:paymentId: the payment, and what was given back of it. */
export const PaymentWithRefunds = z
  .object({
    ...Payment.shape,
    refunds: z.array(RefundOf).meta({ description: `Oldest first, at most ${MOST_REFUNDS_SHOWN}.` }),
    refundable: z.array(z.object({ account: PayableId, amount: SumMinor, currency: CurrencyCode })).meta({
      description: 'What is left of it on each account that you see; above zero is what can go back from there.',
    }),
  })
  .meta({ id: 'PaymentWithRefunds' })
export type PaymentWithRefunds = z.infer<typeof PaymentWithRefunds>

export const PaymentPage = z
  .object({ items: z.array(Payment), next: z.string().nullable() })
  .meta({ id: 'PaymentPage' })
export type PaymentPage = z.infer<typeof PaymentPage>
