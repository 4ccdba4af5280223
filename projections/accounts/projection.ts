import type { ClientBase } from 'pg'
import { arrayLiteral } from '../follow/array-literal.ts'
import { type CopyColumns, createCopyBuffer } from '../follow/copy-buffer.ts'
import { createKnownAccounts } from '../follow/known-accounts.ts'
import type { Projection, ProjectionWriter, Queryable } from '../follow/projection.ts'
import { writePayees } from './payees.ts'
import { type PayeeChange, projectAccounts, touchedAccounts } from './project.ts'
import { accountsIndexes, createAccountsTables } from './schema.ts'
import type { NewAccount, NewEntry, NewPayment, NewPaymentAccount } from './tables.ts'

/** Accounts with their balances, statements and payments: what the accounts read-side answers from. */
export const accountsProjection: Projection = {
  service: 'accounts',
  name: 'accounts',
  version: 3,
  channel: 'accounts_changed',
  createTables: createAccountsTables,
  indexes: accountsIndexes,
  openWriter: openAccountsWriter,
}

function openAccountsWriter(schema: string, partition: number): ProjectionWriter {
  const accounts = createKnownAccounts((reader, ids) => loadAccounts(reader, schema, ids))
  let folded = emptyChanges()
  let writing: ReadonlyMap<string, unknown> = new Map()
  return {
    prepare: (reader, commits) => accounts.learn(reader, touchedAccounts(commits)),
    fold(commits) {
      const changes = projectAccounts(partition, commits, accounts.known)
      accounts.change(changes.accounts)
      for (const account of changes.accounts) folded.accounts.set(account.account_id, account)
      folded.entries.add(changes.entries)
      folded.payments.add(changes.payments)
      folded.paymentAccounts.add(changes.paymentAccounts)
      folded.payees.push(...changes.payees)
      accounts.forgetOldest((accountId) => folded.accounts.has(accountId) || writing.has(accountId))
    },
    take() {
      const changes = folded
      folded = emptyChanges()
      writing = changes.accounts
      return async (client) => {
        await upsertAccounts(client, schema, [...changes.accounts.values()])
        await changes.entries.copyInto(client, `${schema}.entry`)
        await changes.payments.copyInto(client, `${schema}.payment`)
        await changes.paymentAccounts.copyInto(client, `${schema}.payment_account`)
        await writePayees(client, schema, changes.payees)
        return [...changes.accounts.keys()]
      }
    },
  }
}

/** What was folded and not written: each account as it stands now. */
function emptyChanges() {
  return {
    accounts: new Map<string, NewAccount>(),
    entries: createCopyBuffer(entryColumns),
    payments: createCopyBuffer(paymentColumns),
    paymentAccounts: createCopyBuffer(paymentAccountColumns),
    payees: [] as PayeeChange[],
  }
}

const entryColumns: CopyColumns<NewEntry> = {
  account_id: 'plain',
  seq: 'plain',
  index: 'plain',
  partition: 'plain',
  tenant: 'text',
  payment_id: 'plain',
  kind: 'plain',
  counterparty: 'plain',
  amount_minor: 'plain',
  currency: 'plain',
  balance_after_minor: 'plain',
  effective_at: 'text',
  decided_at: 'plain',
  reference: 'text',
  description: 'text',
}

const paymentColumns: CopyColumns<NewPayment> = {
  payment_id: 'plain',
  partition: 'plain',
  seq: 'plain',
  tenant: 'text',
  status: 'plain',
  rejection_code: 'plain',
  rejection_detail: 'text',
  kind: 'plain',
  postings: 'text',
  effective_at: 'text',
  decided_at: 'plain',
  reference: 'text',
  description: 'text',
  metadata: 'text',
  actor: 'text',
  client: 'text',
}

const paymentAccountColumns: CopyColumns<NewPaymentAccount> = {
  account_id: 'plain',
  decided_at: 'plain',
  effective_at: 'text',
  partition: 'plain',
  seq: 'plain',
  status: 'plain',
}

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

async function loadAccounts(reader: Queryable, schema: string, ids: readonly string[]): Promise<NewAccount[]> {
  const found = await reader.query<StoredAccount>(
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
  const column = (key: keyof NewAccount) => arrayLiteral(accounts.map((account) => account[key]))
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
