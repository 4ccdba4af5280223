import type { ColumnType, Insertable, Selectable } from 'kysely'
import type { CheckpointTable, Instant, VersionTable } from '../versions/tables.ts'

/** The accounts read model, as kysely sees it. int8 arrives as bigint where the pool parses it so; `read-side` does. */
export type AccountsDatabase = {
  account: AccountTable
  entry: EntryTable
  payment: PaymentTable
  refused_payment: RefusedPaymentTable
  payee: PayeeTable
  'projection.version': VersionTable
  'projection.checkpoint': CheckpointTable
}

export type AccountTable = {
  account_id: string
  partition: number
  tenant: string
  type: 'customer' | 'external' | 'internal'
  currency: string
  owner: string
  name: string | null
  /** null: unlimited. */
  overdraft_limit: bigint | null
  status: 'open' | 'frozen' | 'closed'
  balance_minor: bigint
  opened_at: Instant
  changed_at: Instant
  changed_seq: bigint
}

/** Two for each posting: 2i on the account that pays and 2i + 1 on the one that is paid. */
export type EntryTable = {
  account_id: string
  seq: bigint
  index: number
  partition: number
  tenant: string
  payment_id: string
  kind: 'payment' | 'deposit' | 'withdrawal' | 'transfer'
  counterparty: string
  amount_minor: bigint
  currency: string
  balance_after_minor: bigint
  effective_at: Instant
  decided_at: Instant
  reference: string | null
  description: string | null
}

export type PaymentTable = {
  payment_id: string
  partition: number
  seq: bigint
  tenant: string
  status: 'posted' | 'rejected'
  rejection_code: string | null
  rejection_detail: string | null
  kind: 'payment' | 'deposit' | 'withdrawal' | 'transfer' | null
  postings: ColumnType<StoredPosting[], string, string>
  effective_at: Instant
  decided_at: Instant
  reference: string | null
  description: string | null
  metadata: ColumnType<Record<string, string>, string, string>
  actor: string
  client: string
}

export type StoredPosting = {
  readonly from: string
  readonly to: string
  readonly amount: string
  readonly currency: string
}

/**
 * Of posted payments the entries say which accounts they are listed under. A refused one has none, and is listed under the accounts that were
 * to pay, alone: nobody sees who failed to pay them.
 */
export type RefusedPaymentTable = {
  account_id: string
  decided_at: Instant
  effective_at: Instant
  partition: number
  seq: bigint
}

/** What people call the accounts that they pay; `alias_key` is the alias whatever its case. */
export type PayeeTable = {
  tenant: string
  owner: string
  alias_key: string
  alias: string
  account_id: string
  saved_at: Instant
}

export type AccountRow = Selectable<AccountTable>
export type EntryRow = Selectable<EntryTable>
export type PaymentRow = Selectable<PaymentTable>

/** Rows as the projection writes them, with times as RFC 3339. */
export type NewAccount = Insertable<AccountTable>
export type NewEntry = Insertable<EntryTable>
export type NewPayment = Insertable<PaymentTable>
export type NewPayee = Insertable<PayeeTable>
export type NewRefusedPayment = Insertable<RefusedPaymentTable>
