import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openPostgresLog } from '@micropay/event-log/postgres/event-log'
import { type Clock, systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { makeTestDatabase, type TestDatabase } from '@micropay/runtime/test-database.fixture'
import { startWorker, type TestWorker, untilShared } from './workers.fixture.ts'

const PARTITIONS = 8
let database: TestDatabase
const clock: Clock = systemClock
const running: TestWorker[] = []
before(async () => {
  database = await makeTestDatabase()
  const eventLog = openPostgresLog({ url: database.url, clock, log: createLogger('test', 'silent') })
  await eventLog.prepare(PARTITIONS)
  await eventLog.close()
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

test('workers share the partitions: one that joins gets its part, and one that leaves hands over', async () => {
  const one = await start('one')
  assert.deepEqual(await untilShared([one]), [[0, 1, 2, 3, 4, 5, 6, 7]])

  const two = await start('two')
  const [ofOne = [], ofTwo = []] = await untilShared([one, two])
  assert.deepEqual([ofOne.length, ofTwo.length], [4, 4])

  const three = await start('three')
  const parts = await untilShared([one, two, three])
  assert.deepEqual(parts.map((part) => part.length).sort(), [2, 3, 3])
  const stayed = [ofOne.filter((each) => parts[0]?.includes(each)), ofTwo.filter((each) => parts[1]?.includes(each))]
  assert.equal(stayed.flat().length, 6, 'two move, and no others')

  running.splice(running.indexOf(one), 1)
  await one.stop()
  await untilShared([two, three])
})

test('one whose process ends is followed by the others within three seconds', async () => {
  const [two, three] = running
  assert.ok(two && three)
  running.splice(running.indexOf(two), 1)
  const beganMs = clock.monotonicMs()
  void two.kill()
  await untilShared([three], 3_000)
  assert.ok(clock.monotonicMs() - beganMs < 3_000)
})
