import type { ClientBase } from 'pg'

/**
 * Tables of the reconciliation read model, as tables.ts describes them. Ids are compared by bytes (collate "C"). A balance fits in 64 bits, and what
 * came in and went out of an account need not: those sums have no bound.
 */
export async function createReconciliationTables(client: ClientBase, schema: string): Promise<void> {
  await client.query(`
    create table ${schema}.ledger_account (
      account_id text collate "C" primary key,
      partition int not null,
      tenant text collate "C" not null,
      type text not null,
      currency text not null,
      name text,
      path text collate "C" not null,
      balance_minor int8 not null
    ) with (fillfactor = 60);
    create table ${schema}.ledger_entry (
      account_id text collate "C" not null,
      seq int8 not null,
      index int not null,
      partition int not null,
      tenant text collate "C" not null,
      payment_id text collate "C" not null,
      counterparty text collate "C" not null,
      amount_minor int8 not null,
      currency text not null,
      balance_after_minor int8 not null,
      effective_at timestamptz not null,
      decided_at timestamptz not null,
      reference text,
      description text
    );
    create table ${schema}.movement (
      account_id text collate "C" not null,
      quarter timestamptz not null,
      operation text collate "C" not null,
      purpose text collate "C" not null,
      tenant text collate "C" not null,
      currency text not null,
      in_minor numeric not null,
      out_minor numeric not null,
      entries int8 not null,
      primary key (account_id, quarter, operation, purpose)
    ) with (fillfactor = 80);
    create table ${schema}.account_month (
      tenant text collate "C" not null,
      month timestamptz not null,
      account_id text collate "C" not null,
      in_minor numeric not null,
      out_minor numeric not null,
      entries int8 not null,
      primary key (tenant, month, account_id)
    ) with (fillfactor = 60);
    create table ${schema}.quarter_total (
      tenant text collate "C" not null,
      quarter timestamptz not null,
      partition int not null,
      type text not null,
      currency text not null,
      operation text collate "C" not null,
      purpose text collate "C" not null,
      in_minor numeric not null,
      out_minor numeric not null,
      entries int8 not null,
      primary key (tenant, quarter, partition, type, currency, operation, purpose)
    ) with (fillfactor = 60);
    create table ${schema}.bank_statement (
      account_id text collate "C" not null,
      statement_id text collate "C" not null,
      partition int not null,
      seq int8 not null,
      tenant text collate "C" not null,
      iban text not null,
      currency text not null,
      from_day text not null,
      to_day text not null,
      opening_minor int8 not null,
      closing_minor int8 not null,
      lines jsonb not null,
      line_count int not null,
      decided_at timestamptz not null,
      actor text not null,
      primary key (account_id, statement_id)
    );`)
}

export function reconciliationIndexes(schema: string): string[] {
  return [
    `create unique index ledger_entry_place on ${schema}.ledger_entry (account_id, seq, index)`,
    `create index ledger_entry_by_time on ${schema}.ledger_entry (account_id, effective_at, seq, index)`,
    `create index movement_by_time on ${schema}.movement (tenant, quarter)`,
    `create index ledger_account_by_tenant on ${schema}.ledger_account (tenant, currency, account_id)`,
    `create index bank_statement_by_time on ${schema}.bank_statement (tenant, decided_at, partition, seq)`,
  ]
}
