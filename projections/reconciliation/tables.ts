import type { StatementLine } from '@micropay/schemas/log/statement-shapes'
import type { Selectable } from 'kysely'
import { exactText, instant, int4, int8, json, numeric, orNull, text } from '../write/columns.ts'
import { type DatabaseOf, type HeldIn, table, type WrittenTo } from '../write/table.ts'
import { acrossPayments, transitEntries, transits } from './across-tables.ts'
import { periodFacts } from './period-table.ts'
import { unnamedLegs } from './unnamed-legs.ts'

/** A balance fits in 64 bits, and what came in and went out of an account need not. */
const sums = { in_minor: numeric(), out_minor: numeric(), entries: int8() }
const add = ['in_minor', 'out_minor', 'entries'] as const

/**
 * What came in and went out of an account in a quarter of an hour of value time: fine enough for the day of every time
 * zone, since all of them are whole quarters from UTC. Here and below, all sums of the entries that a rebuild has
 * loaded are worked out at once: added up batch by batch they would take twice as long as all else of it. An entry's
 * tenant and currency are its account's, and its value date is to the millisecond.
 */
const movements = table(
  'movement',
  {
    account_id: exactText(),
    quarter: instant(),
    operation: exactText(),
    purpose: exactText(),
    tenant: exactText(),
    currency: text(),
    ...sums,
  },
  {
    write: { add, by: ['account_id', 'tenant', 'quarter', 'operation', 'purpose'] },
    fillfactor: 80,
    indexesAfterLoading: {
      movement_place: { on: ['account_id', 'tenant', 'quarter', 'operation', 'purpose'], unique: true },
      movement_by_time: ['tenant', 'quarter'],
    },
    workedOut: (schema) => `
      select account_id, quarter, operation, purpose, tenant, currency,
        coalesce(sum(amount_minor) filter (where amount_minor > 0), 0),
        coalesce(-sum(amount_minor) filter (where amount_minor <= 0), 0), count(*)
      from (
        select entry.account_id, date_bin('15 minutes', entry.effective_at, 'epoch') as quarter, entry.tenant,
          coalesce(across.operation, entry.operation) as operation, coalesce(across.purpose, entry.purpose) as purpose,
          entry.currency, entry.amount_minor
        from ${schema}.ledger_entry as entry
        left join ${schema}.across_payment as across on entry.nth is not null and across.payment_id = entry.payment_id
      ) as named group by account_id, quarter, operation, purpose, tenant, currency`,
  },
)

/** Of movements, in their order. */
const turnover = `sum(in_minor), sum(out_minor), sum(entries)::int8`

/**
 * The same by UTC month and account, over all operations and purposes: a balance as of an instant takes whole months
 * from here.
 */
const months = table(
  'account_month',
  { tenant: exactText(), month: instant(), account_id: exactText(), ...sums },
  {
    write: { add, by: ['account_id', 'tenant', 'month'] },
    fillfactor: 60,
    indexesAfterLoading: { account_month_place: { on: ['tenant', 'month', 'account_id'], unique: true } },
    workedOut: (schema) => `
      select tenant, date_trunc('month', quarter, 'UTC') as month, account_id, ${turnover}
      from ${schema}.movement group by tenant, month, account_id`,
  },
)

/**
 * The same by quarter of an hour over all accounts of a type: daily totals that name no account are added up from
 * here. Each partition of the log has rows of its own, so that none waits for another's.
 */
const totals = table(
  'quarter_total',
  {
    tenant: exactText(),
    quarter: instant(),
    partition: int4(),
    type: text<AccountType>(),
    currency: text(),
    operation: exactText(),
    purpose: exactText(),
    ...sums,
  },
  {
    write: { add, by: ['type', 'currency', 'tenant', 'quarter', 'partition', 'operation', 'purpose'] },
    fillfactor: 60,
    indexesAfterLoading: {
      quarter_total_place: {
        on: ['tenant', 'quarter', 'partition', 'type', 'currency', 'operation', 'purpose'],
        unique: true,
      },
    },
    workedOut: (schema) => `
      select tenant, quarter, partition, type, movement.currency, operation, purpose, ${turnover}
      from ${schema}.movement join (select tenant, account_id, partition, type from ${schema}.ledger_account) as account
        using (tenant, account_id)
      group by tenant, quarter, partition, type, movement.currency, operation, purpose`,
  },
)

/**
 * One for each leg, as in the accounts read model; kept here too, since each service has a database of its own.
 * All sums are of these rows alone.
 */
const entries = table(
  'ledger_entry',
  {
    account_id: exactText(),
    seq: int8(),
    index: int4(),
    partition: int4(),
    tenant: exactText(),
    payment_id: exactText(),
    /** Null where a leg is against several accounts, or moves nothing. */
    counterparty: orNull(exactText()),
    amount_minor: int8(),
    currency: text(),
    balance_after_minor: int8(),
    effective_at: instant(),
    decided_at: instant(),
    reference: orNull(text()),
    description: orNull(text()),
    /**
     * From the payment's metadata, cut to 100 characters; '' where it names none, and of every payment across
     * partitions: what that is called stands in `across_payment`.
     */
    operation: exactText(),
    purpose: exactText(),
    /** Of a payment across partitions: which leg of the account's it is, from 0 on. */
    nth: orNull(int4()),
  },
  {
    write: 'insert',
    indexesAfterLoading: {
      ledger_entry_place: { on: ['account_id', 'tenant', 'seq', 'index'], unique: true },
      ledger_entry_by_time: ['account_id', 'tenant', 'effective_at', 'seq', 'index'],
    },
  },
)

const accounts = table(
  'ledger_account',
  {
    account_id: exactText(),
    partition: int4(),
    tenant: exactText(),
    type: text<AccountType>(),
    currency: text(),
    name: orNull(text()),
    /** The place in the chart of accounts, derived from type and currency where none was given. */
    path: exactText(),
    balance_minor: int8(),
  },
  {
    key: ['tenant', 'account_id'],
    write: { set: ['name', 'path', 'balance_minor'], by: ['tenant', 'account_id'] },
    fillfactor: 60,
    indexesAfterLoading: { ledger_account_by_tenant: ['tenant', 'currency', 'account_id'] },
  },
)

/**
 * Several of an account may have one id: banks begin anew with them. `lines` are those of its last part; those of the
 * others stand in the parts of the same import.
 */
const statements = table(
  'bank_statement',
  {
    account_id: exactText(),
    statement_id: exactText(),
    partition: int4(),
    seq: int8(),
    tenant: exactText(),
    iban: text(),
    sha256: orNull(text()),
    currency: text(),
    from_day: text(),
    to_day: text(),
    opening_minor: int8(),
    closing_minor: int8(),
    import_id: orNull(exactText()),
    lines: json<StatementLine[]>(),
    line_count: int4(),
    decided_at: instant(),
    /** Who asked for it; null where a second person approved it, and the log does not say for whom. */
    actor: orNull(text()),
    approved_by: orNull(text()),
  },
  {
    write: 'insert',
    key: ['tenant', 'account_id', 'seq'],
    indexesAfterLoading: { bank_statement_by_time: ['tenant', 'decided_at', 'partition', 'seq'] },
  },
)

/** Lines of statements that do not fit into one record; what was begun and never ended stands here, too. */
const statementParts = table(
  'bank_statement_part',
  {
    tenant: exactText(),
    account_id: exactText(),
    import_id: exactText(),
    seq: int8(),
    part: int4(),
    lines: json<StatementLine[]>(),
  },
  { write: 'insert', key: ['tenant', 'account_id', 'import_id', 'seq'] },
)

/** What was withdrawn of the statements, by the sequence that they were imported at: they stay, and count no more. */
const withdrawals = table(
  'bank_statement_withdrawal',
  {
    tenant: exactText(),
    account_id: exactText(),
    statement_seq: int8(),
    partition: int4(),
    seq: int8(),
    reason: orNull(text()),
    /** What was approved, where it took two persons. */
    proposal_id: orNull(exactText()),
    decided_at: instant(),
    actor: orNull(text()),
    approved_by: orNull(text()),
  },
  { write: 'insert', key: ['tenant', 'account_id', 'statement_seq'] },
)

/** The reconciliation read model: what finance reads. */
export const reconciliationTables = {
  ...{ movements, months, totals, unnamedLegs, entries, accounts, acrossPayments, transits, transitEntries },
  ...{ statements, statementParts, withdrawals, periodFacts },
}

/** Rises when the tables or the fold change; `digest` is that of the statements that make the tables. */
export const reconciliationVersion = { version: 12, digest: 'd60117ecee8ba13a' }

/** The read model as Kysely sees it. */
export type ReconciliationTables = DatabaseOf<typeof reconciliationTables>

export type AccountType = 'customer' | 'external' | 'internal'

export type BankStatementRow = Selectable<HeldIn<typeof statements>>
export type StatementWithdrawalRow = Selectable<HeldIn<typeof withdrawals>>
export type UnderWayRow = Selectable<HeldIn<typeof acrossPayments>>
export type LedgerEntryRow = Selectable<HeldIn<typeof entries>>
export type PeriodFactRow = Selectable<HeldIn<typeof periodFacts>>

export type NewLedgerAccount = WrittenTo<typeof accounts>
export type NewLedgerEntry = WrittenTo<typeof entries>
export type NewBankStatement = WrittenTo<typeof statements>
export type NewStatementWithdrawal = WrittenTo<typeof withdrawals>
export type NewStatementPart = WrittenTo<typeof statementParts>
/** What an entry adds to the sums of each table. */
export type Summand = WrittenTo<typeof movements> & WrittenTo<typeof months> & WrittenTo<typeof totals>
