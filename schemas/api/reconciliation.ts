import { z } from 'zod'
import { AccountPath } from '../account-path.ts'
import { AccountType } from '../account-type.ts'
import { PayableId, PaymentId, PeriodId, ProposalId } from '../identifiers.ts'
import { CurrencyCode, SignedMinor, SumMinor } from '../money.ts'
import { approvedBy, askedBy } from './given.ts'
import { StatementLine } from './statement.ts'

const sides = {
  debit: SumMinor.meta({ description: 'What the house owns or is owed; 0 when the balance is a credit.' }),
  credit: SumMinor.meta({ description: 'What the house owes or earned; 0 when the balance is a debit.' }),
}

/** One account's balance, on the side where it stands. */
export const TrialBalanceRow = z
  .object({
    accountId: PayableId,
    name: z.string().nullable(),
    type: AccountType,
    path: AccountPath,
    currency: CurrencyCode,
    ...sides,
  })
  .meta({ id: 'TrialBalanceRow' })
export type TrialBalanceRow = z.infer<typeof TrialBalanceRow>

/** Debits and credits of all accounts in a currency: equal, whenever one looks, together with what is under way. */
export const TrialBalanceTotal = z
  .object({ currency: CurrencyCode, accounts: z.int(), ...sides })
  .meta({ id: 'TrialBalanceTotal' })
export type TrialBalanceTotal = z.infer<typeof TrialBalanceTotal>

/** What has left one of two partitions of the ledger and has not come to the other so far, in one currency. */
export const TransitBalance = z
  .object({
    partitions: z
      .array(z.int())
      .length(2)
      .meta({ description: 'The lower one first.', examples: [[0, 3]] }),
    currency: CurrencyCode,
    ...sides,
  })
  .meta({ id: 'TransitBalance' })
export type TransitBalance = z.infer<typeof TransitBalance>

/** Which closing the figures of a day are sealed by, and where it stands in the ledger. */
export const ClosedAt = z.object({ periodId: PeriodId, position: z.string() }).meta({ id: 'ClosedAt' })
export type ClosedAt = z.infer<typeof ClosedAt>

const closed = ClosedAt.nullable().meta({ description: 'null: the last day that was asked for is open, or none was.' })

export const TrialBalance = z
  .object({
    totals: z.array(TrialBalanceTotal),
    underWay: z.array(TransitBalance).meta({
      description: 'What stands on no account while payments pass between partitions; of all accounts, or of none.',
    }),
    items: z.array(TrialBalanceRow),
    closed,
    next: z.string().nullable(),
  })
  .meta({ id: 'TrialBalance' })
export type TrialBalance = z.infer<typeof TrialBalance>

/** A payment between partitions of which something is still to come. */
export const PaymentUnderWay = z
  .object({
    paymentId: PaymentId,
    position: z.string(),
    state: z.enum(['deciding', 'posting', 'releasing']).meta({
      description:
        'deciding: it may still come to nothing; posting: it happens, and is not posted on all partitions so far; ' +
        'releasing: it does not, and promises for it still stand.',
    }),
    since: z.iso.datetime(),
    deadline: z.iso.datetime().meta({ description: 'It is decided by then.' }),
    partitions: z.array(z.int()).meta({ description: 'Rising.' }),
    amounts: z.array(z.object({ currency: CurrencyCode, amount: SumMinor })),
    reference: z.string().nullable(),
  })
  .meta({ id: 'PaymentUnderWay' })
export type PaymentUnderWay = z.infer<typeof PaymentUnderWay>

/** GET /v1/under-way */
export const UnderWay = z
  .object({
    payments: z.int().meta({ description: 'How many there are.' }),
    oldest: z.iso.datetime().nullable().meta({ description: 'Since when the oldest is; null where there is none.' }),
    transit: z.array(TransitBalance),
    items: z.array(PaymentUnderWay).meta({ description: 'The oldest first.' }),
    next: z.string().nullable(),
  })
  .meta({ id: 'UnderWay' })
export type UnderWay = z.infer<typeof UnderWay>

/** A place in the chart: the net of all accounts at it and below it, in one currency. */
export const ChartNode = z
  .object({ path: AccountPath, depth: z.int(), currency: CurrencyCode, accounts: z.int(), ...sides })
  .meta({ id: 'ChartNode' })
export type ChartNode = z.infer<typeof ChartNode>
export const ChartOfAccounts = z.object({ items: z.array(ChartNode) }).meta({ id: 'ChartOfAccounts' })
export type ChartOfAccounts = z.infer<typeof ChartOfAccounts>

/** One entry behind a figure; `amount` is signed, from the account's view. */
export const LedgerEntry = z
  .object({
    position: z.string(),
    index: z.int(),
    paymentId: z.string(),
    counterparty: PayableId.nullable().meta({ description: 'null: several accounts, or no money moved.' }),
    amount: SignedMinor,
    currency: CurrencyCode,
    effectiveAt: z.iso.datetime(),
    decidedAt: z.iso.datetime(),
    reference: z.string().nullable(),
    description: z.string().nullable(),
  })
  .meta({ id: 'LedgerEntry' })
export type LedgerEntry = z.infer<typeof LedgerEntry>
export const LedgerEntryPage = z
  .object({ items: z.array(LedgerEntry), next: z.string().nullable() })
  .meta({ id: 'LedgerEntryPage' })
export type LedgerEntryPage = z.infer<typeof LedgerEntryPage>

/** What came in and went out on a day, for one account, operation or purpose; both sums are positive. */
export const DailyTotal = z
  .object({
    day: z.iso.date(),
    group: z
      .string()
      .meta({ description: "The account's id, or the operation or purpose; empty where a payment names none." }),
    currency: CurrencyCode,
    in: SumMinor,
    out: SumMinor,
    entries: z.int(),
  })
  .meta({ id: 'DailyTotal' })
export type DailyTotal = z.infer<typeof DailyTotal>
export const DailyTotals = z.object({ items: z.array(DailyTotal), closed }).meta({ id: 'DailyTotals' })
export type DailyTotals = z.infer<typeof DailyTotals>

/**
 * How a line and an entry found each other: by the same reference, or by amount and date where one of them has no
 * reference.
 */
export const MatchedBy = z.enum(['reference', 'amount'])
const standsAt = z.object({ statementId: z.string(), position: z.string(), lineNumber: z.int() })
export const ReconciliationItem = z
  .object({
    kind: z
      .enum(['matched', 'missing_here', 'missing_there', 'differing_amount', 'repeated', 'information', 'withdrawn'])
      .meta({
        description:
          'missing_here: the bank has it, the ledger does not; missing_there: the other way round; differing_amount: ' +
          'the same reference, another amount; repeated: the line stands on an earlier statement, too; information: ' +
          'it moves nothing; withdrawn: its statement was withdrawn. The last three are not open.',
      }),
    matchedBy: MatchedBy.nullable(),
    lineNumber: z.int().nullable(),
    detailNumber: z.int().nullable().meta({
      description: 'Which of the details of the line, from 1, where they were found apart; null for the whole line.',
    }),
    line: StatementLine.nullable(),
    bankAmount: SignedMinor.nullable().meta({ description: 'What the entries are compared with: of line or detail.' }),
    entry: LedgerEntry.nullable().meta({
      description: "The first of `entries`. Amounts from the ledger's view: the other sign than the line.",
    }),
    entries: z.array(LedgerEntry).meta({
      description: 'Of one payment: where it has several entries on the account, the line is compared with their sum.',
    }),
    repeats: standsAt.nullable().meta({ description: 'Where a repeated line stands already.' }),
  })
  .meta({ id: 'ReconciliationItem' })
export type ReconciliationItem = z.infer<typeof ReconciliationItem>

const overlapped = z.object({ statementId: z.string(), position: z.string(), from: z.iso.date(), to: z.iso.date() })
const previous = z.object({
  statementId: z.string(),
  position: z.string(),
  to: z.iso.date(),
  closing: SignedMinor,
  openingDifference: SumMinor.meta({ description: 'Above zero, this statement opens above the close of that one.' }),
  gapDays: z.int().meta({ description: 'Days between the two of which no statement tells.' }),
})

/** Who withdrew a statement, and why. */
export const StatementWithdrawal = z
  .object({
    position: z.string(),
    at: z.iso.datetime(),
    by: askedBy,
    approvedBy,
    reason: z.string().nullable(),
    proposalId: ProposalId.nullable().meta({ description: 'null: one person was enough.' }),
  })
  .meta({ id: 'StatementWithdrawal' })
export type StatementWithdrawal = z.infer<typeof StatementWithdrawal>

export const ReconciliationSummary = z
  .object({
    accountId: PayableId,
    statementId: z.string(),
    iban: z.string(),
    sha256: z.string().nullable().meta({ description: 'Of the file, in hex; null where it was not kept.' }),
    currency: CurrencyCode,
    from: z.iso.date(),
    to: z.iso.date(),
    opening: SignedMinor,
    closing: SignedMinor,
    ledgerClosing: SumMinor.meta({
      description: "The ledger's balance when the day `to` ended, by value date, in the bank's sign.",
    }),
    previous: previous.nullable().meta({ description: 'The statement that this one goes on from.' }),
    overlaps: z.array(overlapped).meta({
      description: 'Statements imported earlier that tell of some of the same days, at most 20 of them.',
    }),
    lines: z.int(),
    matched: z.int(),
    missingHere: z.int(),
    missingThere: z.int(),
    differingAmount: z.int(),
    repeated: z.int(),
    information: z.int(),
    position: z.string(),
    importedAt: z.iso.datetime(),
    importedBy: askedBy,
    approvedBy,
    withdrawn: StatementWithdrawal.nullable().meta({ description: 'null: it stands.' }),
  })
  .meta({ id: 'ReconciliationSummary' })
export type ReconciliationSummary = z.infer<typeof ReconciliationSummary>
export const ReconciliationPage = z
  .object({ items: z.array(ReconciliationSummary), next: z.string().nullable() })
  .meta({ id: 'ReconciliationPage' })
export type ReconciliationPage = z.infer<typeof ReconciliationPage>
export const Reconciliation = z
  .object({ ...ReconciliationSummary.shape, items: z.array(ReconciliationItem) })
  .meta({ id: 'Reconciliation' })
export type Reconciliation = z.infer<typeof Reconciliation>
