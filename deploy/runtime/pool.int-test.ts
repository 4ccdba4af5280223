import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClientBase } from 'pg'
import { systemClock } from './clock.ts'
import { createLogger } from './logger.ts'
import { openConnection, openPool, watchConnection } from './pool.ts'
import { openTcpProxyTo } from './tcp-proxy.fixture.ts'
import { makeTestDatabase } from './test-database.fixture.ts'

const silent = createLogger('test', 'silent')

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

test('a connection that died without a word is dropped by what is asked next, in a transaction too', async () => {
  await using database = await makeTestDatabase()
  await using proxy = await openTcpProxyTo(database.url)
  const options = { max: 1, statement_timeout: 200, application_name: 'tests' }
  const pool = openPool(proxy.through(database.url), silent, options)
  const client = await pool.connect()
  await client.query('begin')
  proxy.set('hold')
  await assert.rejects(client.query('select 1'), /timeout/)
  proxy.set('pass')
  await assert.rejects(client.query('rollback'), /closed|terminated/)
  // As whoever does not know that it is broken gives it back.
  client.release()
  assert.equal((await pool.query('select 1')).rowCount, 1)
  proxy.set('hold')
  await assert.rejects(pool.query('select 1'), /timeout/)
  proxy.set('pass')
  assert.equal((await pool.query('select 1')).rowCount, 1)
  await pool.end()
})

test('when one connection does not answer, those that wait in the pool are not tried either', async () => {
  await using database = await makeTestDatabase()
  await using proxy = await openTcpProxyTo(database.url)
  const options = { max: 3, statement_timeout: 200, application_name: 'tests' }
  const pool = openPool(proxy.through(database.url), silent, options)
  const clients = [await pool.connect(), await pool.connect(), await pool.connect()]
  const before = await Promise.all(clients.map(backendOf))
  for (const client of clients) client.release()
  proxy.set('hold')
  await assert.rejects(pool.query('select 1'), /timeout/)
  proxy.set('pass')
  // The server still has the old ones, and all of these are new.
  const others = [await pool.connect(), await pool.connect(), await pool.connect()]
  const now = await Promise.all(others.map(backendOf))
  assert.deepEqual(
    now.filter((pid) => before.includes(pid)),
    [],
  )
  for (const client of others) client.release()
  await pool.end()
})

test('a pool ends though a connection is in use and another one is being made, and nobody answers', async () => {
  await using database = await makeTestDatabase()
  await using proxy = await openTcpProxyTo(database.url)
  const pool = openPool(proxy.through(database.url), silent, { max: 3, application_name: 'tests' })
  const used = await pool.connect()
  proxy.set('hold')
  const asked = assert.rejects(used.query('select 1'))
  const connecting = assert.rejects(pool.connect())
  while (proxy.swallowedBytes() === 0) await systemClock.turn()
  const late = systemClock.deadline(3_000)
  const ended = pool.end()
  await asked
  used.release(true)
  await ended
  await connecting
  assert.equal(late.aborted, false)
})

test('a connection that only listens is lost when it died without a word', { timeout: 30_000 }, async (context) => {
  await using database = await makeTestDatabase()
  await using proxy = await openTcpProxyTo(database.url)
  const connection = openConnection(proxy.through(database.url), { statement_timeout: 500, application_name: 'tests' })
  await connection.client.connect()
  await connection.client.query('listen nothing')
  proxy.set('hold')
  await watchConnection(connection, systemClock, context.signal)
  assert.equal(connection.lost.aborted, true)
})

test('a connection that is ended while it is made tells whoever waits for it', { timeout: 30_000 }, async () => {
  await using database = await makeTestDatabase()
  await using proxy = await openTcpProxyTo(database.url)
  proxy.set('hold')
  const { client, lost } = openConnection(proxy.through(database.url), { application_name: 'tests' })
  const connecting = assert.rejects(client.connect())
  while (proxy.swallowedBytes() === 0) await systemClock.turn()
  await client.end()
  await connecting
  assert.equal(lost.aborted, true)
})

async function backendOf(client: ClientBase): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  return rows[0]?.pid
}
