import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { reconciliationProjection } from '@micropay/projections/reconciliation/projection'
import { type ReconciliationTables, reconciliationVersion } from '@micropay/projections/reconciliation/tables'
import { type OpenTestDatabase, openTestDatabase } from '@micropay/projections/versions/test-database.fixture'
import { openReadModel, type ReadModel } from '../position/open-database.ts'
import { bookSums } from './book-metrics.ts'

const schema = 'booked'
let database: OpenTestDatabase
let model: ReadModel<ReconciliationTables>

before(async () => {
  database = await openTestDatabase()
  model = openReadModel(database.url, { warn: () => undefined }, reconciliationVersion)
  const client = await database.pool.connect()
  await client.query(`create schema ${schema}`)
  await reconciliationProjection.createTables(client, schema)
  client.release()
})
after(async () => {
  await model.destroy()
  await database.close()
})

const account = (tenant: string, accountId: string, currency: string, balance: string) =>
  database.pool.query(
    `insert into ${schema}.ledger_account (account_id, partition, tenant, type, currency, path, balance_minor)
     values ($1, 0, $2, 'customer', $3, '', $4)`,
    [accountId, tenant, currency, balance],
  )
const between = (tenant: string, partition: number, other: number, balance: string) =>
  database.pool.query(
    `insert into ${schema}.transit (tenant, partition, other, currency, balance) values ($1, $2, $3, 'EUR', $4)`,
    [tenant, partition, other, balance],
  )
const sums = () =>
  bookSums({ db: model.withSchema(schema), head: { schema, positions: [], stopped: undefined, ageSeconds: 0 } })

test('books balance with what is between partitions, and what is there has no sign', async () => {
  assert.deepEqual(await sums(), [])
  await account('acme', 'cash', 'EUR', '-900')
  await account('acme', 'ada', 'EUR', '850')
  await between('acme', 0, 1, '70')
  await between('acme', 1, 0, '-40')
  await between('acme', 2, 0, '20')
  await account('other', 'cash', 'USD', '-9007199254740993')
  await account('other', 'ada', 'USD', '9007199254740993')
  assert.deepEqual(await sums(), [
    { currency: 'EUR', imbalance: '0', onItsWay: '50' },
    { currency: 'USD', imbalance: '0', onItsWay: '0' },
  ])
})

test('what one tenant lacks and another has too much does not hide in a sum of both', async () => {
  await account('one', 'ada', 'JPY', '5')
  await account('two', 'ada', 'JPY', '-5')
  assert.deepEqual((await sums()).at(1), { currency: 'JPY', imbalance: '10', onItsWay: '0' })
})
