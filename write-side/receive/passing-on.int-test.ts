import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openPostgresLog } from '@micropay/event-log/postgres/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { makeTestDatabase, type TestDatabase } from '@micropay/runtime/test-database.fixture'
import { Directory } from '@micropay/schemas/api/directory'
import { WorkerStatusList } from '@micropay/schemas/api/worker'
import { partitionOf } from '@micropay/schemas/placement'
import { authorization, startWorker, type TestWorker, untilShared } from './workers.fixture.ts'

const PARTITIONS = 4
let database: TestDatabase
const clock = systemClock
const running: TestWorker[] = []
/** An account in each partition, with money, and one that it can be paid to there. */
const accounts = Array.from({ length: PARTITIONS }, (_, partition) => {
  const names = Array.from({ length: 1_000 }, (_, index) => `acc-${index}`)
  const [from = '', to = ''] = names.filter((name) => partitionOf(name, PARTITIONS) === partition)
  return { from, to }
})

before(async () => {
  database = await makeTestDatabase()
  const eventLog = openPostgresLog({ url: database.url, clock, log: createLogger('test', 'silent') })
  await eventLog.prepare(PARTITIONS)
  await eventLog.close()
  await start('one')
  await start('two')
  await untilShared(running)
})
after(async () => {
  for (const worker of running.splice(0)) await worker.stop()
  await database.close()
})

async function start(workerId: string): Promise<TestWorker> {
  const worker = await startWorker(workerId, database.url, PARTITIONS)
  running.push(worker)
  worker.shares.live(worker.address)
  return worker
}

async function post({ address }: TestWorker, path: string, key: string, body: object) {
  const headers = { authorization, 'content-type': 'application/json', ...(key ? { 'idempotency-key': key } : {}) }
  const answer = await fetch(`${address}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: answer.status, headers: answer.headers, body: await answer.json() }
}
const opened = (accountId: string) => ({
  ...{ accountId, type: 'customer', owner: 'customer:ada', currency: 'EUR', overdraftLimit: '1000000' },
})
const payment = (partition: number, amount = '1') => ({
  postings: [{ ...(accounts[partition] ?? assert.fail()), amount, currency: 'EUR' }],
})

test('a command is decided whichever worker it comes to', async () => {
  const [one, two] = running
  assert.ok(one && two)
  for (const { from, to } of accounts) {
    assert.equal((await post(one, '/v1/accounts', `open-${from}`, opened(from))).status, 201)
    const there = await post(two, '/v1/accounts', `open-${to}`, opened(to))
    assert.equal(there.status, 201)
    assert.equal(there.headers.get('position')?.split(':')[0], String(partitionOf(to, PARTITIONS)))
    const again = await post(one, '/v1/accounts', `open-${to}`, opened(to))
    assert.deepEqual([again.status, again.headers.get('idempotent-replayed'), again.body], [201, 'true', there.body])
  }
  const refused = [
    await post(one, '/v1/accounts', 'open-twice', opened(accounts[0]?.from ?? '')),
    await post(two, '/v1/accounts', 'open-twice', opened(accounts[0]?.from ?? '')),
  ]
  assert.deepEqual(
    refused.map(({ status, body }) => [status, body.code, body.position]),
    refused.map(() => [409, 'account_exists', refused[0]?.body.position]),
  )
})

test('one that was passed on is passed on to nobody else', async () => {
  const [one] = running
  assert.ok(one)
  const partition = accounts.findIndex((_, each) => !one.serving().includes(each))
  const headers = { authorization, 'content-type': 'application/json', 'idempotency-key': 'bounces' }
  const answer = await one.app.inject({
    ...{ method: 'POST', url: '/v1/payments', body: payment(partition) },
    headers: { ...headers, 'micropay-passed-on': 'two' },
  })
  assert.deepEqual([answer.statusCode, answer.json().code], [503, 'not_owner'])
})

test('any worker tells of all partitions: who has each, and who gets it next', async () => {
  for (const { address } of running) {
    const answer = await fetch(`${address}/v1/workers`, { headers: { authorization } })
    const { items, unreachable } = WorkerStatusList.parse(await answer.json())
    const owning = items.filter(({ phase }) => phase === 'serving')
    assert.deepEqual(
      owning.map(({ partition }) => partition),
      [0, 1, 2, 3],
    )
    for (const { worker, url, part, underWay, lease, partition } of owning) {
      const owner = running.find(({ workerId }) => workerId === worker) ?? assert.fail()
      assert.ok(owner.serving().includes(partition))
      assert.deepEqual([url, part, lease?.holder, underWay?.open], [owner.address, 'own', worker, 0])
    }
    assert.equal(items.filter(({ part }) => part === 'follow').length, PARTITIONS, 'each is followed by one other')
    assert.deepEqual(unreachable, [])
    const directory = Directory.parse(await (await fetch(`${address}/directory`)).json())
    assert.deepEqual(
      directory.owners.map((at) => directory.workers[at ?? -1]?.url),
      owning.map(({ url }) => url),
    )
  }
})

test('what a command needs to know of an account at another worker is asked there, by workers alone', async () => {
  const [one, two] = running
  assert.ok(one && two)
  for (const [partition, { to }] of accounts.entries()) {
    const saved = await post(one, '/v1/payees', `payee-${to}`, { alias: `to-${partition}`, accountId: to })
    assert.equal(saved.status, 201, JSON.stringify(saved.body))
  }
  const nobody = await post(two, '/v1/payees', 'payee-nobody', { alias: 'nobody', accountId: 'nobody' })
  assert.equal(nobody.status, 404)
  const query = new URLSearchParams({ tenant: 'main', accountId: 'acc-1', atMs: String(clock.nowMs()) })
  const unsigned = await fetch(`${two.address}/worker/account?${query}`, { headers: { 'micropay-worker': 'x' } })
  assert.equal(unsigned.status, 403)
})

test('the same key at two workers at once is decided once', async () => {
  const partitions = Array.from({ length: 40 }, (_, index) => index % PARTITIONS)
  const answers = await Promise.all(
    partitions.map((partition, index) =>
      Promise.all(running.map((worker) => post(worker, '/v1/payments', `both-${index}`, payment(partition)))),
    ),
  )
  for (const [index, pair] of answers.entries()) {
    // Whoever comes while the first one is being decided is told that it is.
    const decided = pair.filter(({ status }) => status === 201)
    assert.ok(decided.length > 0)
    assert.ok(pair.every(({ status, body }) => status === 201 || body.code === 'idempotency_key_in_flight'))
    const [worker] = running
    assert.ok(worker)
    const again = await post(worker, '/v1/payments', `both-${index}`, payment(partitions[index] ?? 0))
    for (const { body } of [...decided, again]) assert.equal(body.paymentId, decided[0]?.body.paymentId)
  }
})

test('a batch is split over workers, decided in order there, and answered in the order given', async () => {
  const [one] = running
  assert.ok(one)
  const payments = Array.from({ length: 400 }, (_, index) => ({
    ...payment(index % PARTITIONS),
    idempotencyKey: `batch-${index}`,
  }))
  const twin = { ...payment(1), idempotencyKey: 'batch-1' }
  const unknown = { postings: [{ from: 'nobody', to: 'none', amount: '1', currency: 'EUR' }], idempotencyKey: 'none' }
  const items = [...payments, twin, unknown, { idempotencyKey: 'bad' }]
  const { status, body, headers } = await post(one, '/v1/payments/batch', '', { payments: items })
  assert.equal(status, 200)
  const results: { status: number; idempotencyKey: string; position: string; replayed: boolean }[] = body.results
  assert.deepEqual(
    results.map(({ idempotencyKey }) => idempotencyKey),
    items.map(({ idempotencyKey }) => idempotencyKey),
  )
  assert.deepEqual(
    results.map((result) => result.status),
    [...payments.map(() => 201), 201, 404, 400],
  )
  assert.deepEqual([results[400]?.replayed, results[400]?.position], [true, results[1]?.position])
  assert.equal(headers.get('position')?.split(',').length, PARTITIONS)
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    const seqs = results.slice(0, 400).flatMap(({ position }) => {
      const [of, seq] = position.split(':')
      return Number(of) === partition ? [Number(seq)] : []
    })
    assert.equal(seqs.length, 100)
    assert.deepEqual(
      seqs,
      [...seqs].sort((a, b) => a - b),
    )
  }
})

test('workers come, leave and die under load, and every command is decided', async () => {
  const stopping = new AbortController()
  const [survivor] = running
  assert.ok(survivor)
  let number = 0
  const pay = async () => {
    while (!stopping.signal.aborted) {
      number += 1
      const { status, body } = await post(survivor, '/v1/payments', `load-${number}`, payment(number % PARTITIONS))
      assert.equal(status, 201, JSON.stringify(body))
    }
  }
  const paying = Promise.all(Array.from({ length: 8 }, pay))
  try {
    const three = await start('three')
    await untilShared(running)
    running.splice(running.indexOf(three), 1)
    await three.stop()
    await untilShared(running)
    const two = running.find(({ workerId }) => workerId === 'two') ?? assert.fail()
    running.splice(running.indexOf(two), 1)
    void two.kill()
    await untilShared(running)
  } finally {
    stopping.abort()
    await paying.catch(() => undefined)
  }
  await paying
})
