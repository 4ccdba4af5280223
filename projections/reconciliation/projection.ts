import type { ClientBase } from 'pg'
import { arrayLiteral } from '../follow/array-literal.ts'
import { type CopyColumns, createCopyBuffer } from '../follow/copy-buffer.ts'
import { createKnownAccounts } from '../follow/known-accounts.ts'
import type { Projection, ProjectionWriter, Queryable } from '../follow/projection.ts'
import { movedAccounts, projectReconciliation } from './project.ts'
import { createReconciliationTables, reconciliationIndexes } from './schema.ts'
import { addEntries, noSums } from './sums.ts'
import type { NewBankStatement, NewLedgerAccount, NewLedgerEntry } from './tables.ts'
import { writeSums } from './write-sums.ts'

/** Balances, entries, sums of them, and bank statements: what the reconciliation read-side answers from. */
export const reconciliationProjection: Projection = {
  service: 'reconciliation',
  name: 'reconciliation',
  version: 3,
  channel: 'reconciliation_changed',
  createTables: createReconciliationTables,
  indexes: reconciliationIndexes,
  openWriter: openReconciliationWriter,
}

function openReconciliationWriter(schema: string, partition: number): ProjectionWriter {
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
      addEntries(folded.sums, partition, changes.summands)
      folded.statements.add(changes.statements)
      for (const { account_id } of changes.statements) folded.reconciled.add(account_id)
      accounts.forgetOldest((accountId) => folded.accounts.has(accountId) || writing.has(accountId))
    },
    take() {
      const changes = folded
      folded = emptyChanges()
      writing = changes.accounts
      return async (client) => {
        await upsertAccounts(client, schema, [...changes.accounts.values()])
        await changes.entries.copyInto(client, `${schema}.ledger_entry`)
        await writeSums(client, schema, changes.sums)
        await changes.statements.copyInto(client, `${schema}.bank_statement`)
        return [...new Set([...changes.accounts.keys(), ...changes.reconciled])]
      }
    },
  }
}

/** What was folded and not written: each account as it stands now, and what each sum gets on top of what it has. */
function emptyChanges() {
  return {
    accounts: new Map<string, NewLedgerAccount>(),
    entries: createCopyBuffer(entryColumns),
    sums: noSums(),
    statements: createCopyBuffer(statementColumns),
    /** Accounts with a statement. */
    reconciled: new Set<string>(),
  }
}

const entryColumns: CopyColumns<NewLedgerEntry> = {
  account_id: 'plain',
  seq: 'plain',
  index: 'plain',
  partition: 'plain',
  tenant: 'text',
  payment_id: 'plain',
  counterparty: 'plain',
  amount_minor: 'plain',
  currency: 'plain',
  balance_after_minor: 'plain',
  effective_at: 'text',
  decided_at: 'plain',
  reference: 'text',
  description: 'text',
}

const statementColumns: CopyColumns<NewBankStatement> = {
  account_id: 'plain',
  statement_id: 'text',
  partition: 'plain',
  seq: 'plain',
  tenant: 'text',
  iban: 'text',
  currency: 'plain',
  from_day: 'text',
  to_day: 'text',
  opening_minor: 'plain',
  closing_minor: 'plain',
  lines: 'text',
  line_count: 'plain',
  decided_at: 'plain',
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

/** What an account was opened with never changes, so only the balance is set again. */
async function upsertAccounts(client: ClientBase, schema: string, accounts: readonly NewLedgerAccount[]) {
  if (accounts.length === 0) return
  const column = (key: keyof NewLedgerAccount) => arrayLiteral(accounts.map((account) => account[key]))
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
