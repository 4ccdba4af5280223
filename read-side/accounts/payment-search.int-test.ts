import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { accountsProjection } from '@micropay/projections/accounts/projection'
import { type AccountsDatabase, accountsVersion } from '@micropay/projections/accounts/tables'
import { type OpenTestDatabase, openTestDatabase } from '@micropay/projections/versions/test-database.fixture'
import type { ClientBase } from 'pg'
import { openReadModel, type ReadModel } from '../position/open-database.ts'
import { type PaymentPlace, searchPayments } from './payment-search.ts'
import type { PaymentsFilter } from './search.ts'

/**
 * Accounts of one owner on three partitions, and payments on them of which many were decided, or count, at the same
 * time.
 */
const schema = 'accounts_test'
const partitions = [0, 1, 2]
const payments = partitions.flatMap((partition) =>
  Array.from({ length: 20 }, (_, index) => {
    const seq = index + 1
    const refused = (seq + partition) % 5 === 0
    const across = (seq * 3 + partition) % 4 === 0
    const home = across ? (partition + 1) % 3 : partition
    return {
      partition,
      seq,
      across,
      status: refused ? 'rejected' : across && seq % 3 === 1 ? 'pending' : 'posted',
      // Never before the one before it.
      decidedAt: `2026-03-01T09:00:0${Math.floor(index / 3)}.000Z`,
      effectiveAt: `2026-02-0${1 + ((seq * 7) % 3)}T00:00:00.000Z`,
      // Every third payment touches an account twice, and every second both accounts.
      accounts: [`ada:${partition}`, ...(seq % 3 === 0 ? [`ada:${partition}`] : []), ...(seq % 2 ? ['x'] : [])].map(
        (id) => (id === 'x' ? `ada:${home}:savings` : id),
      ),
    }
  }),
)
let database: OpenTestDatabase
let model: ReadModel<AccountsDatabase>

before(async () => {
  database = await openTestDatabase()
  const { pool } = database
  const client = await pool.connect()
  await client.query(`create schema ${schema}`)
  await accountsProjection.createTables(client, schema)
  for (const index of accountsProjection.indexes(schema)) await client.query(index)
  for (const partition of partitions) {
    for (const id of [`ada:${partition}`, `ada:${partition}:savings`]) {
      await client.query(
        `insert into ${schema}.account (account_id, partition, tenant, type, currency, owner, path, overdraft_limit,
           status, paid_by, balance_minor, held_minor, due_minor, opened_at, changed_at, changed_seq)
         values ($1, $2, 'acme', 'customer', 'EUR', 'customer:ada', 'liabilities', 0,
           'open', 'customers', 0, 0, 0, now(), now(), 1)`,
        [id, partition],
      )
    }
  }
  for (const payment of payments) await write(client, payment)
  client.release()
  model = openReadModel(database.url, { warn: () => undefined }, accountsVersion)
})
after(async () => {
  await model.destroy()
  await database.close()
})

async function write(client: ClientBase, payment: (typeof payments)[number]): Promise<void> {
  const { partition, seq, status, across, decidedAt, effectiveAt, accounts } = payment
  const table = across ? 'across_payment' : 'payment'
  const legs = accounts.map((account) => ({ account, amount: '-1', currency: 'EUR' }))
  await client.query(
    `insert into ${schema}.${table} (payment_id, partition, seq, tenant, status, kind, legs, effective_at, decided_at, metadata, actor,
       client${across ? ', deadline' : ''})
     values ($1, $2, $3, 'acme', $4, 'payment', $5, $6, $7, '{}', 'customer:ada', 'tests'${across ? ', now()' : ''})`,
    [`pay-${partition}-${seq}`, partition, seq, status, JSON.stringify(legs), effectiveAt, decidedAt],
  )
  if (status === 'pending') return
  const listed = status === 'posted' ? 'posted_across' : 'refused_payment'
  const isEntry = status === 'posted' && !across
  for (const [index, account] of (isEntry ? accounts : [...new Set(accounts)]).entries()) {
    await client.query(
      isEntry
        ? `insert into ${schema}.entry (account_id, seq, index, partition, tenant, payment_id, kind, counterparty, amount_minor,
             currency, balance_after_minor, effective_at, decided_at)
           values ($1, $2, $3, $4, 'acme', 'p', 'payment', 'x', 1, 'EUR', 1, $5, $6)`
        : `insert into ${schema}.${listed} (tenant, account_id, seq, partition, effective_at, decided_at)
           select 'acme', $1, $2, $4, $5, $6 where $3 >= 0`,
      [account, seq, index, partition, effectiveAt, decidedAt],
    )
  }
}

const viewer = { tenant: 'acme', owner: 'customer:ada' }

async function pages(filter: PaymentsFilter, limit: number): Promise<string[]> {
  const db = model.withSchema(schema)
  const head = { schema, positions: [], stopped: undefined, ageSeconds: 0 }
  const byValueDate = filter.sort === 'value' || filter.sort === '-value'
  const listed: string[] = []
  for (let from: PaymentPlace | undefined, page = 0; page < 100; page += 1) {
    const { rows } = await searchPayments({ db, head }, viewer, filter, from, limit)
    listed.push(...rows.map((row) => row.payment_id))
    const last = rows.at(-1)
    if (!last || rows.length < limit) return listed
    from = { at: byValueDate ? last.effective_at : last.decided_at, partition: last.partition, seq: last.seq }
  }
  throw new Error('the pages do not end')
}

function inOrderOf({ sort, status, account }: PaymentsFilter): string[] {
  const byValueDate = sort === 'value' || sort === '-value'
  const oldestFirst = sort === 'decided' || sort === 'value'
  const key = (payment: (typeof payments)[number]) => {
    const at = byValueDate ? payment.effectiveAt : payment.decidedAt
    return `${at} ${payment.partition} ${String(payment.seq).padStart(4, '0')}`
  }
  const found = payments.filter(
    (payment) =>
      (status === undefined || payment.status === status) &&
      (account === undefined || payment.accounts.some((id) => id === account)),
  )
  const sorted = found.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
  return (oldestFirst ? sorted : sorted.toReversed()).map(({ partition, seq }) => `pay-${partition}-${seq}`)
}

for (const sort of ['-decided', 'decided', '-value', 'value'] as const) {
  for (const status of [undefined, 'posted', 'rejected', 'pending'] as const) {
    test(`the payments of accounts on three partitions (${status ?? 'all'}, ${sort}) are pages without gaps or repeats`, async () => {
      const zone = 'UTC'
      for (const account of [undefined, 'ada:1', 'ada:2:savings']) {
        const filter = { sort, zone, ...(status ? { status } : {}), ...(account ? { account } : {}) } as PaymentsFilter
        const expected = inOrderOf(filter)
        assert.ok(expected.length > 0)
        for (const limit of [1, 2, 5, 100]) {
          assert.deepEqual(await pages(filter, limit), expected, `${account ?? 'all accounts'}, ${limit} a page`)
        }
      }
    })
  }
}
