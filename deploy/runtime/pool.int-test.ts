import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogger } from './logger.ts'
import { openPool } from './pool.ts'
import { makeTestDatabase } from './test-database.fixture.ts'

test('connections that are lost, idle or in use, are logged and replaced', async () => {
  await using database = await makeTestDatabase()
  const lost = Promise.withResolvers<string>()
  const log = createLogger('test', 'warn', { write: lost.resolve })
  const pool = openPool(database.url, log, { max: 2, application_name: 'tests' })
  const [idle, used] = [await pool.connect(), await pool.connect()]
  const { rows } = await idle.query('select pg_backend_pid() as pid')
  idle.release()
  await used.query('select pg_terminate_backend($1)', [rows[0].pid])
  assert.match(await lost.promise, /a database connection was lost/)
  await assert.rejects(used.query('select pg_terminate_backend(pg_backend_pid())'))
  used.release(true)
  assert.equal((await pool.query('select 1')).rowCount, 1)
  await pool.end()
})
