import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Client } from 'pg'
import { freePort } from './free-port.ts'
import { startPostgres } from './postgres.ts'

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query(statement).finally(() => client.end())
  return rows
}

test('PostgreSQL keeps what was committed through kill -9 and a restart, durable and in UTF-8', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'micropay-postgres-'))
  const options = { dataDirectory: join(directory, 'data'), port: await freePort() }
  let server = await startPostgres(options)
  try {
    await server.createDatabase('accounts')
    await server.createDatabase('accounts')
    await query(server.url('accounts'), 'create table kept as select 42 as answer')
    const [settings] = await query(
      server.url('accounts'),
      `select current_setting('server_encoding') as encoding, datlocale as locale, current_setting('fsync') as fsync,
       current_setting('synchronous_commit') as commit from pg_database where datname = 'accounts'`,
    )
    assert.deepEqual(settings, { encoding: 'UTF8', locale: 'C.UTF-8', fsync: 'on', commit: 'on' })

    await server.kill()
    await assert.rejects(query(server.url('accounts'), 'select 1'), /ECONNREFUSED/)
    server = await startPostgres(options)
    assert.deepEqual(await query(server.url('accounts'), 'select answer from kept'), [{ answer: 42 }])
  } finally {
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  }
})

test('a lock file whose process number now belongs to another program does not stop PostgreSQL', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'micropay-postgres-'))
  const options = { dataDirectory: join(directory, 'data'), port: await freePort() }
  try {
    await (await startPostgres(options)).stop()
    await writeFile(join(options.dataDirectory, 'postmaster.pid'), `${process.ppid}\n${options.dataDirectory}\n0\n`)
    await (await startPostgres(options)).stop()
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})

test('a port in use, a damaged directory and one of another version are each told with what to do', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'micropay-postgres-'))
  const port = await freePort()
  const first = await startPostgres({ dataDirectory: join(directory, 'first'), port })
  try {
    const second = join(directory, 'second')
    await assert.rejects(
      startPostgres({ dataDirectory: second, port }),
      new RegExp(`Port ${port} is in use.*another port`),
    )

    await writeFile(join(second, 'PG_VERSION'), '17\n')
    await assert.rejects(startPostgres({ dataDirectory: second, port }), /made by PostgreSQL 17.*--fresh/)

    await writeFile(join(second, 'PG_VERSION'), '18\n')
    await rm(join(second, 'global', 'pg_control'))
    const free = await freePort()
    await assert.rejects(startPostgres({ dataDirectory: second, port: free }), /damaged[\s\S]*--fresh[\s\S]*pg_control/)

    await rm(join(second, 'PG_VERSION'))
    await assert.rejects(startPostgres({ dataDirectory: second, port }), /PG_VERSION is missing.*--fresh/)
  } finally {
    await first.stop()
    await rm(directory, { recursive: true, force: true })
  }
})
