import type { ClientBase } from 'pg'
import { copyRows } from '../follow/copy-rows.ts'
import { rememberAccounts } from '../follow/known-accounts.ts'
import type { Projection, ProjectionWriter } from '../follow/projection.ts'
import { movedAccounts, projectReconciliation } from './project.ts'
import { createReconciliationIndexes, createReconciliationTables } from './schema.ts'
import type { NewBankStatement, NewLedgerAccount, NewLedgerEntry, NewMovement } from './tables.ts'

/** Balances, entries, movements by quarter of an hour, and bank statements: what the reconciliation read-side answers from. */
export const reconciliationProjection: Projection = {
  service: 'reconciliation',
  name: 'reconciliation',
  version: 2,
  channel: 'reconciliation_changed',
  createTables: createReconciliationTables,
  createIndexes: createReconciliationIndexes,
  openWriter: openReconciliationWriter,
}

function openReconciliationWriter(schema: string, partition: number): ProjectionWriter {
  const known = new Map<string, NewLedgerAccount>()
  return {
    async write(client, commits) {
      const missing = [...movedAccounts(commits)].filter((accountId) => !known.has(accountId))
      for (const account of await loadAccounts(client, schema, missing)) known.set(account.account_id, account)
      const changes = projectReconciliation(partition, commits, known)
      await upsertAccounts(client, schema, changes.accounts)
      await copyRows(client, `${schema}.ledger_entry`, entryColumns, changes.entries)
      await addMovements(client, schema, changes.movements)
      await copyRows(client, `${schema}.bank_statement`, statementColumns, changes.statements)
      rememberAccounts(known, changes.accounts)
      return [...changes.accounts, ...changes.statements].map((row) => row.account_id)
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
  'counterparty',
  'amount_minor',
  'currency',
  'balance_after_minor',
  'effective_at',
  'decided_at',
  'reference',
  'description',
] as const satisfies readonly (keyof NewLedgerEntry)[]

const statementColumns = [
  'account_id',
  'statement_id',
  'partition',
  'seq',
  'tenant',
  'iban',
  'currency',
  'from_day',
  'to_day',
  'opening_minor',
  'closing_minor',
  'lines',
  'line_count',
  'decided_at',
  'actor',
] as const satisfies readonly (keyof NewBankStatement)[]

type StoredAccount = Omit<NewLedgerAccount, 'balance_minor'> & { balance_minor: string }

async function loadAccounts(client: ClientBase, schema: string, ids: readonly string[]): Promise<NewLedgerAccount[]> {
  if (ids.length === 0) return []
  const found = await client.query<StoredAccount>(
    `select account_id, partition, tenant, type, currency, name, path, balance_minor::text
     from ${schema}.ledger_account where account_id = any($1)`,
    [ids],
  )
  return found.rows.map((row) => ({ ...row, balance_minor: BigInt(row.balance_minor) }))
}

/** What an account was opened with never changes, so only the balance is set again. */
async function upsertAccounts(client: ClientBase, schema: string, accounts: readonly NewLedgerAccount[]) {
  if (accounts.length === 0) return
  const column = <Key extends keyof NewLedgerAccount>(key: Key) => accounts.map((account) => account[key])
  await client.query({
    name: `upsert-ledger-accounts-${schema}`,
    text: `
      insert into ${schema}.ledger_account (account_id, partition, tenant, type, currency, name, path, balance_minor)
      select * from unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int8[])
      on conflict (account_id) do update set balance_minor = excluded.balance_minor`,
    values: [
      column('account_id'),
      column('partition'),
      column('tenant'),
      column('type'),
      column('currency'),
      column('name'),
      column('path'),
      column('balance_minor'),
    ],
  })
}

async function addMovements(client: ClientBase, schema: string, movements: readonly NewMovement[]): Promise<void> {
  if (movements.length === 0) return
  const column = <Key extends keyof NewMovement>(key: Key) => movements.map((movement) => movement[key])
  await client.query({
    name: `add-movements-${schema}`,
    text: `
      insert into ${schema}.movement as held
        (account_id, quarter, operation, purpose, tenant, currency, in_minor, out_minor, entries)
      select * from unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::numeric[], $8::numeric[], $9::int8[])
      on conflict (account_id, quarter, operation, purpose) do update set in_minor = held.in_minor + excluded.in_minor,
        out_minor = held.out_minor + excluded.out_minor, entries = held.entries + excluded.entries`,
    values: [
      column('account_id'),
      column('quarter'),
      column('operation'),
      column('purpose'),
      column('tenant'),
      column('currency'),
      column('in_minor'),
      column('out_minor'),
      column('entries'),
    ],
  })
}
