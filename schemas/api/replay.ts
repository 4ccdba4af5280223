import { z } from 'zod'
import { PayableId, PaymentId } from '../identifiers.ts'
import { CurrencyCode, SignedMinor } from '../money.ts'
import { AccountStatus } from './account.ts'
import { approvedBy, askedBy } from './given.ts'

const position = z.string().meta({ examples: ['0:1842'] })

/**
 * One thing that happened to an account, and how it stands after it. Each was read from the log, and its bytes have the
 * hash that the index holds.
 */
export const ReplayStep = z
  .object({
    step: z.int().min(1).meta({ description: 'From 1, in the order of the log.' }),
    position,
    event: z.string().meta({ examples: ['AccountOpened', 'PaymentPosted', 'Refused'] }),
    decidedAt: z.iso.datetime(),
    effectiveAt: z.string().nullable(),
    paymentId: z.string().nullable(),
    counterparty: PayableId.nullable(),
    amount: SignedMinor.nullable().meta({
      description: 'What it moved, from the account’s view; null when it moved nothing.',
    }),
    promised: SignedMinor.nullable().meta({
      description:
        'What is promised of it to a payment between partitions, or let go of where that is released; null otherwise.',
    }),
    balanceAfter: SignedMinor,
    currency: CurrencyCode.nullable(),
    status: AccountStatus.nullable().meta({ description: 'Of the account after it; null while it is not open yet.' }),
    refusal: z.object({ code: z.string(), detail: z.string() }).nullable(),
    actor: askedBy,
    client: z.string().nullable(),
    approvedBy,
    reference: z.string().nullable(),
    hash: z.string().meta({ description: 'Of the chain after this record, base64url.' }),
  })
  .meta({ id: 'ReplayStep' })
export type ReplayStep = z.infer<typeof ReplayStep>

/** Where a replay had to end: what stands in the log is not what was indexed, and going on would mean guessing. */
export const ReplayBroken = z.object({ position, detail: z.string() }).meta({ id: 'ReplayBroken' })
export type ReplayBroken = z.infer<typeof ReplayBroken>

/** A commit that brought a payment on, on one of its partitions, read from the log and checked as `ReplayStep` is. */
export const PaymentStep = z
  .object({
    position,
    event: z.string().meta({
      description: 'What it says of the payment; a partition that decides and posts in one says PaymentCompleted.',
      examples: ['PaymentInitiated', 'LegsPrepared', 'LegsPosted', 'PaymentCompleted', 'PaymentEnded'],
    }),
    decidedAt: z.iso.datetime(),
    legs: z
      .array(z.object({ account: z.string(), amount: z.string(), currency: z.string() }))
      .meta({ description: 'Of that partition that it promised, posted or released; transit accounts among them.' }),
    causes: z.array(position).meta({ description: 'The commits of other partitions that it rests on.' }),
    refusal: z.object({ code: z.string(), detail: z.string() }).nullable(),
    actor: askedBy,
    client: z.string().nullable(),
    approvedBy,
    hash: z.string().meta({ description: 'Of the chain after this record, base64url.' }),
  })
  .meta({ id: 'PaymentStep' })
export type PaymentStep = z.infer<typeof PaymentStep>

/** GET /v1/audit/payments/:paymentId/steps */
export const PaymentReplay = z
  .object({
    paymentId: PaymentId,
    state: z.enum(['deciding', 'posting', 'releasing', 'ended']).meta({
      description: 'As its last steps say; ended: nothing more is to come of it.',
    }),
    items: z.array(PaymentStep).meta({ description: 'No step before those that it rests on.' }),
    broken: ReplayBroken.nullable(),
  })
  .meta({ id: 'PaymentReplay' })
export type PaymentReplay = z.infer<typeof PaymentReplay>

export const ReplayPage = z
  .object({ items: z.array(ReplayStep), next: z.string().nullable(), broken: ReplayBroken.nullable() })
  .meta({ id: 'ReplayPage' })
export type ReplayPage = z.infer<typeof ReplayPage>

/** The last line of an answer that had begun and could not be finished. */
export const FailedLine = z.object({ failed: z.object({ detail: z.string() }) })
export type FailedLine = z.infer<typeof FailedLine>

/**
 * A line of a replay as NDJSON: a step, how far what lies before the first one was folded, or why it ends here, since
 * the log is not what was indexed (`broken`) or since the work could not be finished (`failed`).
 */
export const ReplayLine = z.union([
  ReplayStep,
  z.object({ progress: z.object({ step: z.int().min(0) }) }),
  z.object({ broken: ReplayBroken }),
  FailedLine,
])
export type ReplayLine = z.infer<typeof ReplayLine>
