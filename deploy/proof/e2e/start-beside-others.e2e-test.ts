import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { run } from '@micropay/local/run-program.fixture'
import { serviceTable } from '@micropay/local/start/service-table'
import { freePort, holdPort } from '@micropay/local/stores/free-port'
import { systemClock } from '@micropay/runtime/clock'
import { Account } from '@micropay/schemas/api/account'
import { type Product, startProduct } from './product.fixture.ts'

/** What starts two products more, or a broker, has time by night. */
const byNight = process.env.NIGHTLY === '1' ? false : 'by night: npx pnpm@12 nightly runs it'

/** An account by the name of the product opens in its ledger, and the examples are there. */
async function openIn(product: Product, accountId: string): Promise<void> {
  const body = JSON.stringify({ accountId, type: 'customer', currency: 'EUR', owner: 'customer:ada' })
  const headers = { 'idempotency-key': accountId }
  const opened = await product.as('olga').send({ method: 'POST', path: '/v1/accounts', headers, body })
  assert.equal(opened.status, 201)
  const freshly = { 'at-least': String(opened.headers.position), prefer: 'wait=10' }
  const answer = await product.as('olga').send({ method: 'GET', path: `/v1/accounts/${accountId}`, headers: freshly })
  assert.equal(Account.parse(answer.body).accountId, accountId)
  assert.equal(await statusOf(product, 'ada:main'), 200)
}

async function statusOf(product: Product, accountId: string): Promise<number> {
  return (await product.as('olga').send({ method: 'GET', path: `/v1/accounts/${accountId}` })).status
}

/** The ledger that its log holds, as whoever folds it sees, which is the one that its examples were booked to. */
async function ledgerOf(product: Product): Promise<string> {
  const { output } = await product.micropay('verify').ended
  const [, ledgerId = ''] = /of the ledger (\S+?)[,:.]?\s/.exec(output) ?? []
  assert.equal(await readFile(join(product.home, 'state', 'postgres', 'seeded'), 'utf8'), `done\n${ledgerId}\n`, output)
  return ledgerId
}

async function eachOnItsOwn(one: Product, other: Product): Promise<void> {
  await openIn(one, 'only:one')
  await openIn(other, 'only:other')
  assert.equal(await statusOf(one, 'only:other'), 404)
  assert.equal(await statusOf(other, 'only:one'), 404)
  assert.notEqual(await ledgerOf(one), await ledgerOf(other))
}

test('two that start at once, with the same usual ports behind them, each have services and a ledger of their own', {
  timeout: 150_000,
}, async () => {
  const ports = [await freePort(), await freePort()] as const
  const starting = Promise.all(ports.map((port) => startProduct({ port })))
  const [one, other] = await starting
  assert.ok(one && other)
  await using first = one
  await using second = other
  assert.deepEqual(
    [first.running.url, second.running.url],
    ports.map((port) => `http://127.0.0.1:${port}`),
  )
  await eachOnItsOwn(first, second)
})

test('so have two that start at once on any free ports', { skip: byNight, timeout: 150_000 }, async () => {
  const [one, other] = await Promise.all([startProduct(), startProduct()])
  await using first = one
  await using second = other
  await eachOnItsOwn(first, second)
})

test('who answers 200 to everything at the usual port of the write side is neither asked nor taken for it', {
  timeout: 150_000,
}, async () => {
  const asked: string[] = []
  const stranger = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.end('{"status":"ready"}')
  })
  const usual = serviceTable.find(({ name }) => name === 'write-side')?.port
  // Where somebody sits there already, that is the stranger.
  await new Promise<unknown>((resolve) =>
    stranger.once('error', resolve).listen(usual, '127.0.0.1', () => resolve(usual)),
  )
  try {
    await using product = await startProduct({ port: await freePort() })
    await openIn(product, 'only:here')
    assert.deepEqual(asked, [])
  } finally {
    stranger.close()
  }
})

test('nobody can take the port where it is reached while it starts', { timeout: 150_000 }, async () => {
  const port = await freePort()
  let isReady = false
  const home = await mkdtemp(join(tmpdir(), 'micropay-held-'))
  const starting = startProduct({ home, port }).finally(() => {
    isReady = true
  })
  const outcomes: string[] = []
  const tryIt = async () => {
    const outcome = await holdPort(port).then(
      async (held) => new Promise<string>((resolve) => held.close(() => resolve('taken'))),
      (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
    )
    if (outcomes.at(-1) !== outcome) outcomes.push(outcome)
  }
  // It holds the port before it makes its state.
  while (!existsSync(join(home, 'installation.json'))) await systemClock.sleep(5)
  while (!isReady) {
    await tryIt()
    await systemClock.sleep(5)
  }
  await using product = await starting
  assert.deepEqual(outcomes, ['EADDRINUSE'])
  assert.equal(product.running.url, `http://127.0.0.1:${port}`)
  await product.stop()
  await rm(home, { recursive: true, force: true })
})

test('a topic of another installation is refused, and that is said', { skip: byNight, timeout: 150_000 }, async () => {
  await using owner = await startProduct({ log: 'kafka' })
  const { KAFKA_BROKERS, KAFKA_TOPIC } = owner.running.logEnvironment
  const home = await mkdtemp(join(tmpdir(), 'micropay-other-'))
  const environment = { PORT: '0', LOG: 'kafka', MICROPAY_HOME: home, KAFKA_BROKERS, KAFKA_TOPIC }
  const { code, output } = await run('deploy/local/start/start.ts', [], environment).ended
  await rm(home, { recursive: true, force: true })
  assert.equal(code, 1)
  assert.match(
    output,
    /write-side must not go on.*the log holds the ledger local-[0-9a-f]{16}, and LEDGER_ID is local-/,
  )
  assert.match(output, /choose another KAFKA_TOPIC/)
  assert.doesNotMatch(output, /starting it again/)
  assert.equal(await statusOf(owner, 'ada:main'), 200)
})
