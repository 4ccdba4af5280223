import type { ClientBase } from 'pg'
import type { Parameter, Projection, ProjectionWriter, Queryable } from '../projection.ts'
import { insertRows } from '../write/insert-rows.ts'
import { createKnownAccounts } from '../write/known-accounts.ts'
import { type Columns, createRowBuffer } from '../write/row-buffer.ts'
import { statementOf } from '../write/statement.ts'
import { writePayees } from './payees.ts'
import { type PayeeChange, projectAccounts, touchedAccounts } from './project.ts'
import { accountsIndexes, createAccountsTables } from './schema.ts'
import type { NewAccount, NewEntry, NewPayment, NewRefusedPayment } from './tables.ts'

/** Accounts with their balances, statements and payments: what the accounts read-side answers from. */
export const accountsProjection: Projection = {
  service: 'accounts',
  name: 'accounts',
  version: 4,
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
      folded.refusedPayments.add(changes.refusedPayments)
      folded.payees.push(...changes.payees)
      accounts.forgetOldest((accountId) => folded.accounts.has(accountId) || writing.has(accountId))
    },
    take() {
      const changes = folded
      folded = emptyChanges()
      writing = changes.accounts
      const accountRows = [...changes.accounts.values()]
      const { entries, payments, refusedPayments, payees } = changes
      const isLittle = payees.length === 0 && [entries, payments, refusedPayments].every((rows) => rows.isFew())
      return {
        changed: [...changes.accounts.keys()],
        async write(client) {
          await upsertAccounts(client, schema, accountRows)
          await entries.copyInto(client, `${schema}.entry`)
          await payments.copyInto(client, `${schema}.payment`)
          await refusedPayments.copyInto(client, `${schema}.refused_payment`)
          await writePayees(client, schema, payees)
        },
        parts: isLittle
          ? (parameter) => [
              accountsUpsert(schema, accountRows, parameter),
              entries.insertInto(`${schema}.entry`, parameter),
              payments.insertInto(`${schema}.payment`, parameter),
              refusedPayments.insertInto(`${schema}.refused_payment`, parameter),
            ]
          : undefined,
      }
    },
  }
}

/** What was folded and not written: each account as it stands now. */
function emptyChanges() {
  return {
    accounts: new Map<string, NewAccount>(),
    entries: createRowBuffer(entryColumns),
    payments: createRowBuffer(paymentColumns),
    refusedPayments: createRowBuffer(refusedPaymentColumns),
    payees: [] as PayeeChange[],
  }
}

const accountColumns: Columns<NewAccount> = {
  account_id: 'text',
  partition: 'int4',
  tenant: 'text',
  type: 'text',
  currency: 'text',
  owner: 'text',
  name: 'text',
  overdraft_limit: 'int8',
  status: 'text',
  balance_minor: 'int8',
  opened_at: 'timestamptz',
  changed_at: 'timestamptz',
  changed_seq: 'int8',
}

const entryColumns: Columns<NewEntry> = {
  account_id: 'text',
  seq: 'int8',
  index: 'int4',
  partition: 'int4',
  tenant: 'text',
  payment_id: 'text',
  kind: 'text',
  counterparty: 'text',
  amount_minor: 'int8',
  currency: 'text',
  balance_after_minor: 'int8',
  effective_at: 'timestamptz',
  decided_at: 'timestamptz',
  reference: 'text',
  description: 'text',
}

const paymentColumns: Columns<NewPayment> = {
  payment_id: 'text',
  partition: 'int4',
  seq: 'int8',
  tenant: 'text',
  status: 'text',
  rejection_code: 'text',
  rejection_detail: 'text',
  kind: 'text',
  postings: 'jsonb',
  effective_at: 'timestamptz',
  decided_at: 'timestamptz',
  reference: 'text',
  description: 'text',
  metadata: 'jsonb',
  actor: 'text',
  client: 'text',
}

const refusedPaymentColumns: Columns<NewRefusedPayment> = {
  account_id: 'text',
  decided_at: 'timestamptz',
  effective_at: 'timestamptz',
  partition: 'int4',
  seq: 'int8',
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

async function upsertAccounts(client: ClientBase, schema: string, accounts: readonly NewAccount[]): Promise<void> {
  if (accounts.length === 0) return
  const upsert = (parameter: Parameter) => accountsUpsert(schema, accounts, parameter)
  await client.query(statementOf(`upsert-accounts-${schema}`, upsert))
}

/** What an account was opened with never changes, so only the rest is set again. */
function accountsUpsert(schema: string, accounts: readonly NewAccount[], parameter: Parameter): string {
  return `${insertRows(`${schema}.account`, accountColumns, accounts, parameter)}
    on conflict (account_id) do update set status = excluded.status, balance_minor = excluded.balance_minor,
      changed_at = excluded.changed_at, changed_seq = excluded.changed_seq`
}
