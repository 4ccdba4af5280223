import assert from 'node:assert/strict'
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { run } from '@micropay/local/run-program.fixture'
import { freePort } from '@micropay/local/stores/free-port'
import { startPostgres } from '@micropay/local/stores/postgres'
import { Client } from 'pg'
import { type Product, startProduct } from './product.fixture.ts'

const skip = process.env.NIGHTLY === '1' ? false : 'by night'

const paying = (key: string, amount: string) => ({
  method: 'POST' as const,
  path: '/v1/payments',
  headers: { 'idempotency-key': key, 'content-type': 'application/json' },
  body: JSON.stringify({ postings: [{ from: 'ada:main', to: 'ben:main', amount, currency: 'EUR' }] }),
})

async function started(context: TestContext, options: Parameters<typeof startProduct>[0]): Promise<Product> {
  const product = await startProduct(options)
  context.after(() => product[Symbol.asyncDispose]())
  return product
}

async function pay(product: Product, key: string, amount: string) {
  const { status, headers, body } = await product.as('ada').send(paying(key, amount))
  assert.equal(status, 201, JSON.stringify(body))
  return { position: String(headers.position), replayed: headers['idempotent-replayed'] === 'true', body }
}

/** What people see, as of a position. */
async function seen(product: Product, position: string) {
  const read = async (persona: string, path: string) => {
    const headers = { 'at-least': position, prefer: 'wait=20' }
    const { status, body } = await product.as(persona).send({ method: 'GET', path, headers })
    assert.equal(status, 200, `${path}: ${JSON.stringify(body)}`)
    return body
  }
  return {
    accounts: await read('olga', '/v1/accounts?limit=500'),
    entries: await read('olga', '/v1/accounts/ada:main/entries?limit=500'),
    books: await read('fiona', '/v1/trial-balance?limit=500'),
  }
}

/** What was copied apart from the log, and nothing else, is all that is left. */
async function loseEverything(home: string, apart: string): Promise<void> {
  await rm(home, { recursive: true })
  await mkdir(home)
  await cp(join(apart, 'installation.json'), join(home, 'installation.json'))
}

test('what was backed up comes back when everything is lost, and what was not is told', {
  skip,
  timeout: 300_000,
}, async (context) => {
  const directory = await mkdtemp(join(tmpdir(), 'micropay-lost-everything-'))
  context.after(() => rm(directory, { recursive: true, force: true }))
  const [home, folder, older] = ['home', 'backup', 'older'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ]
  const backUp = async (product: Product) => {
    const { code, output } = await product.micropay('backup', folder).ended
    assert.equal(code, 0, output)
  }

  const begin = (...args: string[]) => started(context, { home, args })
  const first = await begin()
  await backUp(first)
  await cp(folder, older, { recursive: true })
  const paid = await pay(first, 'before', '1234')
  const before = await seen(first, paid.position)
  await backUp(first)
  await cp(join(home, 'installation.json'), join(folder, 'installation.json'))
  await first.stop()
  await loseEverything(home, folder)

  const restored = await begin('--restore', folder, '--complete')
  assert.deepEqual(await seen(restored, paid.position), before)
  const again = await pay(restored, 'before', '1234')
  assert.deepEqual(again, { ...paid, replayed: true })
  const verified = await restored.micropay('verify').ended
  assert.equal(verified.code, 0, verified.output)
  const { output } = await restored.stop()
  assert.match(output, /All of the backup is in the log, and it is sound/)

  await loseEverything(home, folder)
  const passedOver = await begin('--restore', older)
  const fresh = await pay(passedOver, 'before', '1234')
  assert.ok(!fresh.replayed && Number(fresh.position.split(':')[1]) > 1_000_000, fresh.position)
  assert.match((await passedOver.stop()).output, /Resumed at 0:/)
})

test('a log that was restored older than what the read models hold stops, and goes on once a person accepts it', {
  skip,
  timeout: 300_000,
}, async (context) => {
  const directory = await mkdtemp(join(tmpdir(), 'micropay-older-'))
  context.after(() => rm(directory, { recursive: true, force: true }))
  const [home, folder] = [join(directory, 'home'), join(directory, 'backup')]
  const first = await started(context, { home })
  assert.equal((await first.micropay('backup', folder).ended).code, 0)
  const paid = await pay(first, 'behind', '100')
  await seen(first, paid.position)
  await first.stop()
  // The workers' disks are gone, too: the read models alone know.
  await rm(join(home, 'state', 'postgres', 'write-side'), { recursive: true })
  await restoreIntoEmptied(home, folder)

  const product = await started(context, { home })
  const told = await product.micropay('status').ended
  assert.match(told.output, /STOPPED/)
  assert.equal(told.code, 1)
  const resumed = await product.micropay('resume', '--actor', 'sam', '--reason', 'an older backup', '--yes').ended
  assert.equal(resumed.code, 0, resumed.output)
  assert.match(resumed.output, /known +0:[0-9]+, .* by the read model/)
  const after = await pay(product, 'behind', '100')
  assert.ok(!after.replayed && Number(after.position.split(':')[1]) > 1_000_000)
  await seen(product, after.position)
  assert.equal((await product.micropay('verify').ended).code, 0)
})

/** The log's own tables are emptied while nothing runs but PostgreSQL, and the backup is put there. */
async function restoreIntoEmptied(home: string, folder: string): Promise<void> {
  const postgres = await startPostgres({ dataDirectory: join(home, 'postgres'), port: await freePort() })
  try {
    const LOG_DATABASE_URL = postgres.url('micropay_log')
    const client = new Client(LOG_DATABASE_URL)
    await client.connect()
    await client.query('truncate event_log.records, event_log.partitions').finally(() => client.end())
    const { ledgerId } = JSON.parse(await readFile(join(home, 'installation.json'), 'utf8'))
    const settings = { LOG: 'postgres', LOG_DATABASE_URL, LEDGER_ID: ledgerId, MICROPAY_HOME: '/nonexistent' }
    const { code, output } = await run('deploy/cli/main.ts', ['restore', folder, '--complete'], settings).ended
    assert.equal(code, 0, output)
  } finally {
    await postgres.stop()
  }
}
