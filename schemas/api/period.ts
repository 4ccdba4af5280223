import { z } from 'zod'
import { Day, TimeZone } from '../days.ts'
import { PayableId, PaymentId, PeriodId, ProposalId } from '../identifiers.ts'
import { plainText } from '../text.ts'
import { approvedBy, askedBy } from './given.ts'
import { TransitBalance, TrialBalanceTotal } from './reconciliation.ts'

const digest = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/, { error: 'must be the digest that the checklist gives, 43 characters' })

/** PUT-like POST /v1/ledger-zone: in whose days periods are closed from now on. */
export const SetZone = z
  .strictObject({ zone: TimeZone.unwrap(), dryRun: z.boolean().optional() })
  .meta({ id: 'SetZone' })
export type SetZone = z.infer<typeof SetZone>
export const ZoneDecided = z.object({ zone: z.string(), decidedAt: z.iso.datetime() }).meta({ id: 'ZoneDecided' })
export type ZoneDecided = z.infer<typeof ZoneDecided>

/** Of a ledger of several partitions: what was seen of each. */
const seals = z
  .array(z.strictObject({ partition: z.int().min(0).max(1023), seq: z.int().min(0), digest }))
  .min(2)
  .max(1024)
  .meta({ description: 'Of a ledger of several partitions, what the checklist read of each, in their order.' })

/**
 * POST /v1/periods: closes every day up to `through`. `seq` and `digest` come from the checklist, so that what was seen
 * is what is sealed.
 */
export const ClosePeriod = z
  .strictObject({
    from: Day.optional().meta({ description: 'The first day of it: the day after the last closed one.' }),
    through: Day,
    seq: z.int().min(0).meta({ description: 'Where the checklist was read.' }),
    digest,
    seals: seals.optional(),
    dryRun: z.boolean().optional(),
  })
  .refine(({ from, through }) => from === undefined || from <= through, {
    error: 'must not lie before from',
    path: ['through'],
  })
  .meta({ id: 'ClosePeriod' })
export type ClosePeriod = z.infer<typeof ClosePeriod>

/** POST /v1/periods/:periodId/call-off */
export const CallOffPeriod = z
  .strictObject({ reason: plainText(500), dryRun: z.boolean().optional() })
  .meta({ id: 'CallOffPeriod' })
export type CallOffPeriod = z.infer<typeof CallOffPeriod>

/** POST /v1/periods/:periodId/reopen */
export const ReopenPeriod = z
  .strictObject({ reason: plainText(500), dryRun: z.boolean().optional() })
  .meta({ id: 'ReopenPeriod' })
export type ReopenPeriod = z.infer<typeof ReopenPeriod>

export const PeriodDecided = z
  .object({
    periodId: PeriodId.nullable().meta({ description: 'null for a dry run' }),
    status: z.enum(['closed', 'reopened', 'closing', 'called_off']),
    firstOpenDay: z.iso
      .date()
      .nullable()
      .meta({ description: 'From this day on payments may be dated; null: any day.' }),
    until: z.iso.datetime().optional().meta({
      description: 'Of one that is being closed: what is not sealed on all partitions by then is called off.',
    }),
    decidedAt: z.iso.datetime(),
  })
  .meta({ id: 'PeriodDecided' })
export type PeriodDecided = z.infer<typeof PeriodDecided>

/** What of a partition is sealed, or would be. */
const Seal = z
  .object({
    partition: z.int(),
    seq: z.int(),
    digest: z.string().meta({ description: 'SHA-256 over the balances of its accounts.' }),
  })
  .meta({ id: 'Seal' })

const days = {
  from: z.iso.date().nullable().meta({ description: 'null: from the beginning of the ledger.' }),
  through: z.iso.date(),
  zone: z.string(),
  before: z.iso.datetime().meta({ description: 'The end of `through` in `zone`: value dates before it belong to it.' }),
}
const seen = {
  seq: z.int().meta({ description: 'Where the figures were read.' }),
  digest: z.string().meta({ description: 'SHA-256 over the balances by value date, see docs/money.md.' }),
}
const approved = {
  proposalId: ProposalId.nullable().meta({ description: 'null: one person was enough.' }),
  approvedBy,
}

/** So many payments that a closing waits for are named. */
export const MAX_WAITED_FOR = 20

/** Of a ledger of several partitions, while a period is being closed: whom that waits for. */
const underWay = z.object({
  until: z.iso.datetime().meta({ description: 'What is not sealed on all partitions by then is called off.' }),
  partitions: z
    .array(z.object({ partition: z.int(), state: z.enum(['sealed', 'waiting', 'not reached']) }))
    .meta({ description: '`waiting`: it takes nothing more into these days; `not reached`: it has not heard of it.' }),
  payments: z
    .array(z.object({ paymentId: PaymentId, partitions: z.array(z.int()) }))
    .meta({ description: `Under way into these days, which is waited for; the first ${MAX_WAITED_FOR}.` }),
})

/** A closing, and what became of it. */
export const Period = z
  .object({
    periodId: PeriodId,
    status: z.enum(['closed', 'reopened', 'closing', 'called_off']),
    ...days,
    ...seen,
    position: z.string(),
    closedAt: z.iso.datetime(),
    closedBy: askedBy,
    ...approved,
    reopened: z
      .object({
        position: z.string(),
        at: z.iso.datetime(),
        by: askedBy,
        reason: z.string().nullable(),
        ...approved,
      })
      .nullable(),
    seals: z.array(Seal).optional().meta({ description: 'Of a ledger of several partitions, in their order.' }),
    underWay: underWay.optional().meta({ description: 'While it is being closed.' }),
    calledOff: z
      .object({
        position: z.string(),
        at: z.iso.datetime(),
        by: askedBy,
        code: z.string(),
        detail: z.string(),
        reason: z.string().nullable().meta({ description: 'What the person said who called it off.' }),
      })
      .optional()
      .meta({ description: 'Why it was not closed.' }),
  })
  .meta({ id: 'Period' })
export type Period = z.infer<typeof Period>

/** So many closings are listed, the newest ones. */
export const MAX_PERIODS = 1_000

/** GET /v1/periods, newest first. */
export const PeriodList = z
  .object({
    zone: z.string().meta({ description: 'In whose days the next period is closed.' }),
    firstOpenDay: z.iso.date().nullable().meta({ description: 'null: every day is open.' }),
    items: z.array(Period),
  })
  .meta({ id: 'PeriodList' })
export type PeriodList = z.infer<typeof PeriodList>

/** GET /v1/periods/:periodId: what was sealed beside what the read model gives for the same days now. */
export const PeriodChecked = z
  .object({ ...Period.shape, digestNow: z.string(), agrees: z.boolean(), totals: z.array(TrialBalanceTotal) })
  .meta({ id: 'PeriodChecked' })
export type PeriodChecked = z.infer<typeof PeriodChecked>

/** What the bank's statements leave open of an account. */
export const StatementCheck = z
  .object({
    accountId: PayableId,
    statements: z.int(),
    withdrawn: z.int().meta({ description: 'Statements of days that are about to be closed which were withdrawn.' }),
    missingHere: z.int().meta({ description: 'Lines booked up to the day that no entry matches.' }),
    missingThere: z
      .int()
      .meta({ description: 'Entries valued up to the day, in days with a statement, without a line.' }),
    differingAmount: z.int(),
    gaps: z
      .array(z.object({ from: z.iso.date(), through: z.iso.date() }))
      .meta({ description: 'Days up to the day, since the period or the first statement began, without a statement.' }),
  })
  .meta({ id: 'StatementCheck' })
export type StatementCheck = z.infer<typeof StatementCheck>

/** So many accounts with statements are looked at. */
export const MAX_CHECKED_ACCOUNTS = 50

/** GET /v1/periods/checklist: all that is looked at before a period is closed, as of one position. */
export const PeriodChecklist = z
  .object({
    ...days,
    ...seen,
    totals: z.array(TrialBalanceTotal),
    isBalanced: z.boolean(),
    seals: z.array(Seal).optional().meta({ description: 'Of a ledger of several partitions, for `POST /v1/periods`.' }),
    underWay: z.array(TransitBalance).optional().meta({
      description: 'Of a ledger of several partitions: what is in these days on one side of a payment alone.',
    }),
    accounts: z.array(StatementCheck),
    isEveryAccount: z.boolean().meta({ description: `false: more than ${MAX_CHECKED_ACCOUNTS} have statements.` }),
    withoutStatement: z.int().meta({ description: 'External accounts with entries up to the day and no statement.' }),
    approvals: z.string().meta({ description: 'Where the proposals are told that wait: another service knows them.' }),
  })
  .meta({ id: 'PeriodChecklist' })
export type PeriodChecklist = z.infer<typeof PeriodChecklist>

/** A closing that seals other figures than were booked: its tenant's to mend, and no fault of the log. */
export const SealedOtherwise = z
  .object({
    tenant: z.string(),
    periodId: z.string(),
    through: z.iso.date().meta({ description: 'The last day that it closes.' }),
    seq: z.int().meta({ description: 'Where it stands.' }),
    sealed: z.string().meta({ description: 'The digest that it seals.' }),
    booked: z.string().meta({ description: 'The digest of what was booked.' }),
  })
  .meta({ id: 'SealedOtherwise' })
export type SealedOtherwise = z.infer<typeof SealedOtherwise>
