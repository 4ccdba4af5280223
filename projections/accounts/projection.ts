import type { ClientBase } from 'pg'
import { copyRows } from '../follow/copy-rows.ts'
import { rememberAccounts } from '../follow/known-accounts.ts'
import type { Projection, ProjectionWriter } from '../follow/projection.ts'
import { writePayees } from './payees.ts'
import { projectAccounts, touchedAccounts } from './project.ts'
import { createAccountsIndexes, createAccountsTables } from './schema.ts'
import type { NewAccount, NewEntry, NewPayment, NewPaymentAccount } from './tables.ts'

/** Accounts with their balances, statements and payments: what the accounts read-side answers from. */
export const accountsProjection: Projection = {
  service: 'accounts',
  name: 'accounts',
  version: 2,
  channel: 'accounts_changed',
  createTables: createAccountsTables,
  createIndexes: createAccountsIndexes,
  openWriter: openAccountsWriter,
}

function openAccountsWriter(schema: string, partition: number): ProjectionWriter {
  const known = new Map<string, NewAccount>()
  return {
    async write(client, commits) {
      const missing = [...touchedAccounts(commits)].filter((accountId) => !known.has(accountId))
      for (const account of await loadAccounts(client, schema, missing)) known.set(account.account_id, account)
      const changes = projectAccounts(partition, commits, known)
      await upsertAccounts(client, schema, changes.accounts)
      await copyRows(client, `${schema}.entry`, entryColumns, changes.entries)
      await copyRows(client, `${schema}.payment`, paymentColumns, changes.payments)
      await copyRows(client, `${schema}.payment_account`, paymentAccountColumns, changes.paymentAccounts)
      await writePayees(client, schema, changes.payees)
      rememberAccounts(known, changes.accounts)
      return changes.accounts.map((account) => account.account_id)
    },
    forget: () => known.clear(),
  }
}

const entryColumns = [
  'account_id',
  'seq',
  'index',
  'partition',
  'tenant',
  'payment_id',
  'kind',
  'counterparty',
  'amount_minor',
  'currency',
  'balance_after_minor',
  'effective_at',
  'decided_at',
  'reference',
  'description',
] as const satisfies readonly (keyof NewEntry)[]

const paymentColumns = [
  'payment_id',
  'partition',
  'seq',
  'tenant',
  'status',
  'rejection_code',
  'rejection_detail',
  'kind',
  'postings',
  'effective_at',
  'decided_at',
  'reference',
  'description',
  'metadata',
  'actor',
  'client',
] as const satisfies readonly (keyof NewPayment)[]

const paymentAccountColumns = [
  'account_id',
  'decided_at',
  'effective_at',
  'partition',
  'seq',
  'status',
] as const satisfies readonly (keyof NewPaymentAccount)[]

type StoredAccount = Omit<
  NewAccount,
  'overdraft_limit' | 'balance_minor' | 'changed_seq' | 'opened_at' | 'changed_at'
> & {
  overdraft_limit: string | null
  balance_minor: string
  changed_seq: string
  opened_at: Date
  changed_at: Date
}

async function loadAccounts(client: ClientBase, schema: string, ids: readonly string[]): Promise<NewAccount[]> {
  if (ids.length === 0) return []
  const found = await client.query<StoredAccount>(
    `select account_id, partition, tenant, type, currency, owner, name, overdraft_limit::text, status, balance_minor::text,
       changed_seq::text, opened_at, changed_at
     from ${schema}.account where account_id = any($1)`,
    [ids],
  )
  return found.rows.map((row) => ({
    ...row,
    overdraft_limit: row.overdraft_limit === null ? null : BigInt(row.overdraft_limit),
    balance_minor: BigInt(row.balance_minor),
    changed_seq: BigInt(row.changed_seq),
    opened_at: row.opened_at.toISOString(),
    changed_at: row.changed_at.toISOString(),
  }))
}

/** What an account was opened with never changes, so only the rest is set again. */
async function upsertAccounts(client: ClientBase, schema: string, accounts: readonly NewAccount[]): Promise<void> {
  if (accounts.length === 0) return
  const column = <Key extends keyof NewAccount>(key: Key) => accounts.map((account) => account[key])
  await client.query({
    name: `upsert-accounts-${schema}`,
    text: `
      insert into ${schema}.account (account_id, partition, tenant, type, currency, owner, name, overdraft_limit, status, balance_minor,
        opened_at, changed_at, changed_seq)
      select * from unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int8[], $9::text[],
        $10::int8[], $11::timestamptz[], $12::timestamptz[], $13::int8[])
      on conflict (account_id) do update set status = excluded.status, balance_minor = excluded.balance_minor,
        changed_at = excluded.changed_at, changed_seq = excluded.changed_seq`,
    values: [
      column('account_id'),
      column('partition'),
      column('tenant'),
      column('type'),
      column('currency'),
      column('owner'),
      column('name'),
      column('overdraft_limit'),
      column('status'),
      column('balance_minor'),
      column('opened_at'),
      column('changed_at'),
      column('changed_seq'),
    ],
  })
}
