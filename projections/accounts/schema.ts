import type { StatementRunner } from '../projection.ts'

/**
 * Tables of the accounts read model, as tables.ts describes them. Ids are compared by bytes (collate "C"). No index holds a column of `account` that
 * changes, and its pages keep room, so that a new balance stays on its page (heap-only tuples).
 */
export async function createAccountsTables(client: StatementRunner, schema: string): Promise<void> {
  await client.query(`
    create table ${schema}.account (
      account_id text collate "C" primary key,
      partition int not null,
      tenant text collate "C" not null,
      type text not null,
      currency text not null,
      owner text collate "C" not null,
      name text,
      overdraft_limit int8,
      status text not null,
      balance_minor int8 not null,
      opened_at timestamptz not null,
      changed_at timestamptz not null,
      changed_seq int8 not null
    ) with (fillfactor = 60);
    create table ${schema}.entry (
      account_id text collate "C" not null,
      seq int8 not null,
      index int not null,
      partition int not null,
      tenant text collate "C" not null,
      payment_id text collate "C" not null,
      kind text not null,
      counterparty text collate "C" not null,
      amount_minor int8 not null,
      currency text not null,
      balance_after_minor int8 not null,
      effective_at timestamptz not null,
      decided_at timestamptz not null,
      reference text,
      description text
    );
    create table ${schema}.payment (
      payment_id text collate "C" not null,
      partition int not null,
      seq int8 not null,
      tenant text collate "C" not null,
      status text not null,
      rejection_code text,
      rejection_detail text,
      kind text,
      postings jsonb not null,
      effective_at timestamptz not null,
      decided_at timestamptz not null,
      reference text,
      description text,
      metadata jsonb not null,
      actor text not null,
      client text not null,
      primary key (partition, seq)
    );
    create index payment_by_time on ${schema}.payment (tenant, decided_at, partition, seq);
    create index payment_rejected on ${schema}.payment (tenant, decided_at, partition, seq) where status = 'rejected';
    create table ${schema}.refused_payment (
      account_id text collate "C" not null,
      decided_at timestamptz not null,
      effective_at timestamptz not null,
      partition int not null,
      seq int8 not null
    );
    create table ${schema}.payee (
      tenant text collate "C" not null,
      owner text collate "C" not null,
      alias_key text collate "C" not null,
      alias text not null,
      account_id text collate "C" not null,
      saved_at timestamptz not null,
      primary key (tenant, owner, alias_key)
    );`)
}

/**
 * An account lives on one partition, so (account, seq, index) names an entry; statements read that index backwards, and lists of payments read nothing
 * else of an entry than what it holds. Unique indexes and no primary keys, so that two can be made on one table at once.
 */
export function accountsIndexes(schema: string): string[] {
  return [
    `create unique index entry_place on ${schema}.entry (account_id, seq, index) include (decided_at)`,
    `create index entry_by_value_date on ${schema}.entry (account_id, effective_at, seq, index) include (amount_minor)`,
    `create index payment_by_reference on ${schema}.payment (reference, tenant, decided_at, partition, seq)
       where reference is not null`,
    `create index payment_by_value_date on ${schema}.payment (tenant, effective_at, partition, seq)`,
    `create index refused_by_time on ${schema}.refused_payment (account_id, decided_at, partition, seq)`,
    `create index refused_by_value_date on ${schema}.refused_payment (account_id, effective_at, partition, seq)`,
    `create index account_by_owner on ${schema}.account (tenant, owner, account_id)`,
    `create index account_by_tenant on ${schema}.account (tenant, account_id)`,
  ]
}
