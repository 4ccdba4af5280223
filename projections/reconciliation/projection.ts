import type { ClientBase } from 'pg'
import type { Parameter, Projection, ProjectionWriter, Queryable } from '../projection.ts'
import { insertRows } from '../write/insert-rows.ts'
import { createKnownAccounts } from '../write/known-accounts.ts'
import { type Columns, createRowBuffer } from '../write/row-buffer.ts'
import { statementOf } from '../write/statement.ts'
import { movedAccounts, projectReconciliation } from './project.ts'
import { createReconciliationTables, reconciliationIndexes } from './schema.ts'
import { addEntries, noSums } from './sums.ts'
import type { NewBankStatement, NewLedgerAccount, NewLedgerEntry } from './tables.ts'
import { sumsUpserts, writeSums } from './write-sums.ts'

/** Balances, entries, sums of them, and bank statements: what the reconciliation read-side answers from. */
export const reconciliationProjection: Projection = {
  service: 'reconciliation',
  name: 'reconciliation',
  version: 4,
  channel: 'reconciliation_changed',
  createTables: createReconciliationTables,
  indexes: reconciliationIndexes,
  openWriter: openReconciliationWriter,
}

function openReconciliationWriter(schema: string, partition: number, isLoading = false): ProjectionWriter {
  const accounts = createKnownAccounts((reader, ids) => loadAccounts(reader, schema, ids))
  let folded = emptyChanges()
  let writing: ReadonlyMap<string, unknown> = new Map()
  return {
    prepare: (reader, commits) => accounts.learn(reader, movedAccounts(commits)),
    fold(commits) {
      const changes = projectReconciliation(partition, commits, accounts.known)
      accounts.change(changes.accounts)
      for (const account of changes.accounts) folded.accounts.set(account.account_id, account)
      folded.entries.add(changes.entries)
      if (!isLoading) addEntries(folded.sums, partition, changes.summands)
      folded.statements.add(changes.statements)
      for (const { account_id } of changes.statements) folded.reconciled.add(account_id)
      accounts.forgetOldest((accountId) => folded.accounts.has(accountId) || writing.has(accountId))
    },
    take() {
      const changes = folded
      folded = emptyChanges()
      writing = changes.accounts
      const accountRows = [...changes.accounts.values()]
      const { entries, sums, statements, reconciled } = changes
      const isLittle = entries.isFew() && statements.isFew()
      return {
        changed: [...new Set([...changes.accounts.keys(), ...reconciled])],
        async write(client) {
          await upsertAccounts(client, schema, accountRows)
          await entries.copyInto(client, `${schema}.ledger_entry`)
          await writeSums(client, schema, sums)
          await statements.copyInto(client, `${schema}.bank_statement`)
        },
        // While they are loaded, sums have no keys to conflict on.
        parts:
          isLittle && !isLoading
            ? (parameter) => [
                accountsUpsert(schema, accountRows, parameter),
                entries.insertInto(`${schema}.ledger_entry`, parameter),
                ...sumsUpserts(schema, sums, parameter),
                statements.insertInto(`${schema}.bank_statement`, parameter),
              ]
            : undefined,
      }
    },
  }
}

/** What was folded and not written: each account as it stands now, and what each sum gets on top of what it has. */
function emptyChanges() {
  return {
    accounts: new Map<string, NewLedgerAccount>(),
    entries: createRowBuffer(entryColumns),
    sums: noSums(),
    statements: createRowBuffer(statementColumns),
    /** Accounts with a statement. */
    reconciled: new Set<string>(),
  }
}

const accountColumns: Columns<NewLedgerAccount> = {
  account_id: 'text',
  partition: 'int4',
  tenant: 'text',
  type: 'text',
  currency: 'text',
  name: 'text',
  path: 'text',
  balance_minor: 'int8',
}

const entryColumns: Columns<NewLedgerEntry> = {
  account_id: 'text',
  seq: 'int8',
  index: 'int4',
  partition: 'int4',
  tenant: 'text',
  payment_id: 'text',
  counterparty: 'text',
  amount_minor: 'int8',
  currency: 'text',
  balance_after_minor: 'int8',
  effective_at: 'timestamptz',
  decided_at: 'timestamptz',
  reference: 'text',
  description: 'text',
  operation: 'text',
  purpose: 'text',
}

const statementColumns: Columns<NewBankStatement> = {
  account_id: 'text',
  statement_id: 'text',
  partition: 'int4',
  seq: 'int8',
  tenant: 'text',
  iban: 'text',
  currency: 'text',
  from_day: 'text',
  to_day: 'text',
  opening_minor: 'int8',
  closing_minor: 'int8',
  lines: 'jsonb',
  line_count: 'int4',
  decided_at: 'timestamptz',
  actor: 'text',
}

type StoredAccount = Omit<NewLedgerAccount, 'balance_minor'> & { balance_minor: string }

async function loadAccounts(reader: Queryable, schema: string, ids: readonly string[]): Promise<NewLedgerAccount[]> {
  const found = await reader.query<StoredAccount>(
    `select account_id, partition, tenant, type, currency, name, path, balance_minor::text
     from ${schema}.ledger_account where account_id = any($1)`,
    [ids],
  )
  return found.rows.map((row) => ({ ...row, balance_minor: BigInt(row.balance_minor) }))
}

async function upsertAccounts(client: ClientBase, schema: string, accounts: readonly NewLedgerAccount[]) {
  if (accounts.length === 0) return
  const upsert = (parameter: Parameter) => accountsUpsert(schema, accounts, parameter)
  await client.query(statementOf(`upsert-ledger-accounts-${schema}`, upsert))
}

/** What an account was opened with never changes, so only the balance is set again. */
function accountsUpsert(schema: string, accounts: readonly NewLedgerAccount[], parameter: Parameter): string {
  return `${insertRows(`${schema}.ledger_account`, accountColumns, accounts, parameter)}
    on conflict (account_id) do update set balance_minor = excluded.balance_minor`
}
