import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Pool } from 'pg'
import { createLogger } from './logger.ts'
import { openPool } from './pool.ts'
import { makeTestDatabase, type TestDatabase } from './test-database.fixture.ts'
import { inTransaction } from './transaction.ts'

let database: TestDatabase
let pool: Pool
const lost: string[] = []

before(async () => {
  database = await makeTestDatabase()
  const log = createLogger('test', 'warn', { write: (line) => void lost.push(line) })
  pool = openPool(database.url, log, { max: 1, application_name: 'tests' })
  await pool.query('create table noted (text text)')
})
after(async () => {
  await pool.end()
  await database.close()
})

const note = (text: string) => ({ text: 'insert into noted values ($1)', values: [text] })
const noted = async () => (await pool.query('select text from noted order by text')).rows.map(({ text }) => text)

test('what is done stays, and its answer is passed on', async () => {
  assert.equal(await inTransaction(pool, async (client) => (await client.query(note('done'))).rowCount), 1)
  assert.deepEqual(await noted(), ['done'])
})

test('what fails is undone by the time that its error is told, and its connection serves the next', async () => {
  const backend = async () => (await pool.query('select pg_backend_pid() as pid')).rows[0].pid
  const before = await backend()
  const failing = inTransaction(pool, async (client) => {
    await client.query(note('undone'))
    throw new Error('no')
  })
  await assert.rejects(failing, /no/)
  assert.deepEqual(await noted(), ['done'])
  assert.equal(await backend(), before)
})

test('a transaction begins as it is told to', async () => {
  const begin = 'begin isolation level serializable'
  const level = async () => inTransaction(pool, (client) => client.query('show transaction_isolation'), begin)
  assert.deepEqual((await level()).rows, [{ transaction_isolation: 'serializable' }])
})

test('a connection that is lost within a transaction is logged, tells its work, and is replaced', async () => {
  const losing = inTransaction(pool, async (client) => {
    await client.query(note('lost'))
    await client.query('select pg_terminate_backend(pg_backend_pid())')
  })
  await assert.rejects(losing, /terminat/)
  assert.deepEqual(await noted(), ['done'])
  assert.match(lost[0] ?? '', /a database connection was lost/)
})
