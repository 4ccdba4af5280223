import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { partitionLease } from '@micropay/event-log/evidence'
import { openPostgresLog } from '@micropay/event-log/postgres/event-log'
import { openPostgresInbox } from '@micropay/event-log/postgres/inbox'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openLeases } from '@micropay/runtime/open-leases'
import { makeTestDatabase, type TestDatabase } from '@micropay/runtime/test-database.fixture'
import { partitionOf } from '@micropay/schemas/placement'
import { authorization, ledgerId, startWorker, type TestWorker, untilShared } from './workers.fixture.ts'

const PARTITIONS = 4
const AWAY = 3
const clock = systemClock
const log = createLogger('test', 'silent')
let database: TestDatabase
const running: TestWorker[] = []
const accounts = Array.from({ length: PARTITIONS }, (_, partition) => {
  return Array.from({ length: 100 }, (_, index) => `acc-${index}`).find(
    (id) => partitionOf(id, PARTITIONS) === partition,
  )
})

before(async () => {
  database = await makeTestDatabase()
  const eventLog = openPostgresLog({ url: database.url, clock, log })
  await eventLog.prepare(PARTITIONS)
  await eventLog.close()
})
after(async () => {
  for (const worker of running.splice(0)) await worker.stop()
  await database.close()
})

async function start(workerId: string): Promise<TestWorker> {
  const inbox = openPostgresInbox({ url: database.url, clock, log })
  await inbox.prepare(PARTITIONS)
  const worker = await startWorker(workerId, database.url, PARTITIONS, inbox)
  running.push(worker)
  worker.shares.live(worker.address)
  return worker
}
async function post({ address }: TestWorker, path: string, key: string, body: object, prefer = 'wait=30') {
  const headers = { authorization, 'content-type': 'application/json', 'idempotency-key': key, prefer }
  const answer = await fetch(`${address}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: answer.status, body: await answer.json() }
}
const paying = (from: number) => ({
  postings: [{ from: accounts[from], to: accounts[AWAY], amount: '1', currency: 'EUR' }],
})

test('who waits for a payment while its partition moves on is told what becomes of it there', async () => {
  const one = await start('one')
  await untilShared([one])
  for (const accountId of accounts) {
    const account = { accountId, type: 'customer', owner: 'customer:ada', currency: 'EUR', overdraftLimit: '1000000' }
    assert.equal((await post(one, '/v1/accounts', `open-${accountId}`, account)).status, 201)
  }
  await one.stop()
  running.pop()

  // Nobody serves the payee's partition: what is paid there is under way until somebody does.
  const leases = openLeases({ url: database.url, clock, log })
  const away = leases.open(partitionLease(ledgerId, AWAY), 'nobody')
  await away.acquire(AbortSignal.timeout(15_000))
  const first = await start('first')
  const payers = [0, 1, 2]
  await until(() => payers.every((each) => first.serving().includes(each)))
  const waiting = payers.map((from) => post(first, '/v1/payments', `across-${from}`, paying(from)))
  const single = { payments: [{ ...paying(0), idempotencyKey: 'in-a-batch' }] }
  const batch = post(first, '/v1/payments/batch', 'batch', single)
  await until(async () => (await openAt(first)) === payers.length + 1)
  const second = await start('second')
  await until(() => second.serving().length > 0 && first.serving().length + second.serving().length === payers.length)
  await away.release()
  await leases.close()
  let isTold = false
  void Promise.all([...waiting, batch]).then(() => {
    isTold = true
  })
  // Well before the time for which they wait is over.
  await until(() => isTold)
  assert.deepEqual(
    (await Promise.all(waiting)).map(({ status, body }) => [status, body.status]),
    payers.map(() => [201, 'posted']),
  )
  assert.equal((await batch).body.results[0]?.status, 201)
})

async function openAt({ address }: TestWorker): Promise<number> {
  const answer = await fetch(`${address}/v1/workers`, { headers: { authorization } })
  const { items } = (await answer.json()) as { items: { phase: string; underWay?: { open: number } }[] }
  return items.reduce((total, { underWay }) => total + (underWay?.open ?? 0), 0)
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const endsAtMs = clock.monotonicMs() + 20_000
  while (!(await isSo())) {
    assert.ok(clock.monotonicMs() < endsAtMs, 'it does not come to that')
    await clock.sleep(20)
  }
}
