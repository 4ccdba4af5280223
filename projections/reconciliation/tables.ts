import type { ColumnType, Insertable, Selectable } from 'kysely'

/** The reconciliation read model, as kysely sees it: what finance reads. int8 arrives as bigint where the pool parses it so. */
export type ReconciliationTables = {
  ledger_account: LedgerAccountTable
  ledger_entry: LedgerEntryTable
  movement: MovementTable
  account_month: AccountMonthTable
  quarter_total: QuarterTotalTable
  bank_statement: BankStatementTable
}

type Instant = ColumnType<Date, string, string>

export type LedgerAccountTable = {
  account_id: string
  partition: number
  tenant: string
  type: 'customer' | 'external' | 'internal'
  currency: string
  name: string | null
  /** The place in the chart of accounts, derived from type and currency where the account was opened without one. */
  path: string
  balance_minor: bigint
}

/**
 * Two for each posting, as in the accounts read model; kept here too, since each service has a database of its own. All sums are of these rows alone: a
 * rebuild works them out from here.
 */
export type LedgerEntryTable = {
  account_id: string
  seq: bigint
  index: number
  partition: number
  tenant: string
  payment_id: string
  counterparty: string
  amount_minor: bigint
  currency: string
  balance_after_minor: bigint
  effective_at: Instant
  decided_at: Instant
  reference: string | null
  description: string | null
  /** From the payment's metadata, cut to 100 characters; '' where it names none. */
  operation: string
  purpose: string
}

/**
 * What came in and went out of an account in a quarter of an hour of value time: fine enough for the day of every time zone, since all of
 * them are whole quarters from UTC.
 */
export type MovementTable = {
  account_id: string
  quarter: Instant
  operation: string
  purpose: string
  tenant: string
  currency: string
  in_minor: bigint
  out_minor: bigint
  entries: bigint
}

/** The same by UTC month and account, over all operations and purposes: a balance as of an instant takes whole months from here. */
export type AccountMonthTable = {
  tenant: string
  month: Instant
  account_id: string
  in_minor: bigint
  out_minor: bigint
  entries: bigint
}

/**
 * The same by quarter of an hour over all accounts of a type: daily totals that name no account are added up from here. Each partition of the
 * log has rows of its own, so that none waits for another's.
 */
export type QuarterTotalTable = {
  tenant: string
  quarter: Instant
  partition: number
  type: LedgerAccountTable['type']
  currency: string
  operation: string
  purpose: string
  in_minor: bigint
  out_minor: bigint
  entries: bigint
}

export type StoredLine = {
  readonly amount: string
  readonly bookedOn: string
  readonly valueOn?: string | undefined
  readonly references: readonly string[]
  readonly text?: string | undefined
  readonly counterparty?: string | undefined
}

export type BankStatementTable = {
  account_id: string
  statement_id: string
  partition: number
  seq: bigint
  tenant: string
  iban: string
  currency: string
  from_day: string
  to_day: string
  opening_minor: bigint
  closing_minor: bigint
  lines: ColumnType<StoredLine[], string, string>
  line_count: number
  decided_at: Instant
  actor: string
}

export type BankStatementRow = Selectable<BankStatementTable>
export type LedgerEntryRow = Selectable<LedgerEntryTable>

/** Rows as the projection writes them, with times as RFC 3339. */
export type NewLedgerAccount = Insertable<LedgerAccountTable>
export type NewLedgerEntry = Insertable<LedgerEntryTable>
export type NewMovement = Insertable<MovementTable>
export type NewAccountMonth = Insertable<AccountMonthTable>
export type NewQuarterTotal = Insertable<QuarterTotalTable>
export type NewBankStatement = Insertable<BankStatementTable>
