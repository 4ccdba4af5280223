import assert from 'node:assert/strict'
import { test } from 'node:test'
import { idOn } from '@micropay/event-log/across.fixture'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { openMemoryInbox } from '@micropay/event-log/memory/inbox'
import { openParkingLot } from '@micropay/event-log/postgres/parked'
import { testPostgres } from '@micropay/local/stores/test-services'
import { type Clock, systemClock } from '@micropay/runtime/clock'
import { buildHttp } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import { WorkerStatusList } from '@micropay/schemas/api/worker'
import { OwnerId } from '@micropay/schemas/identifiers'
import { partitionFor } from '../decide/decide.ts'
import type { CommandRequest } from '../handle/command.ts'
import {
  ledgerId,
  opening,
  paying,
  startOwner,
  stopOwner,
  submitUntilDecided,
  type TestOwner,
} from '../handle/owner.fixture.ts'
import { troubleOf } from '../handle/owner-status.ts'
import { createMessageCodec } from '../handle/sagas/message-codec.ts'
import { reportWorkers } from './report-workers.ts'

const partitions = 3
const [ada, ben] = [idOn(2, partitions, 'ada'), idOn(1, partitions, 'ben')]
const verifyToken = async () => ({
  ...{ subject: OwnerId.parse('sre:sam'), client: 'test', tenant: 'main', expiresAt: 0 },
  scopes: new Set(['platform:read']),
})

test('a partition whose payments wait for one that is away says for which, how many and how long past', async () => {
  const { url, close } = await testPostgres()
  const silent = createLogger('test', 'silent')
  const parking = openParkingLot({ url, clock: systemClock, log: silent })
  // The clock of the host and that of the log's store go on together.
  let laterMs = 0
  const clock: Clock = {
    ...systemClock,
    nowMs: () => systemClock.nowMs() + laterMs,
    monotonicMs: () => systemClock.monotonicMs() + laterMs,
  }
  const store = createMemoryStore(clock)
  const [log, inbox] = [openMemoryLog(store), openMemoryInbox(store)]
  await log.prepare(partitions)
  const sagas = { inbox, parking, codec: createMessageCodec('a secret of at least thirty-two characters', ledgerId) }
  const start = (partition: number, more: { directory?: string } = {}) =>
    startOwner(log, { partition, partitions, sagas, clock, ...more })
  const owners = Array.from({ length: partitions }, (_, partition) => start(partition))
  const submit = (request: CommandRequest) =>
    submitUntilDecided([owners[partitionFor(request.command, partitions)] as TestOwner], request)
  const app = await buildHttp({ log: silent, title: 'test', verifyToken })
  const leases = { holders: async () => [] }
  reportWorkers(app, { workerId: 'worker-1', owners, leases, parking, leaseName: String, log: 'postgres', clock })
  const underWay = async () =>
    WorkerStatusList.parse((await app.inject('/v1/workers')).json()).items.map(
      ({ underWay: { open, oldestMs, waitsFor } = assert.fail() }) => {
        return { open, oldestMs, waitsFor }
      },
    )

  await submit(opening(ada, 'open-ada', '100'))
  await submit(opening(ben))
  await owners[1]?.stop()
  for (const key of ['p1', 'p2']) {
    const pending = await submit(paying(key, ada, ben, '10', { wait: { ms: 0 } }))
    assert.equal('answer' in pending && 'status' in pending.answer && pending.answer.status, 'pending')
  }
  const nothing = { open: 0, oldestMs: 0, waitsFor: [] }
  const [first, second, third] = await underWay()
  assert.deepEqual([first, second, third?.open], [nothing, nothing, 2])
  assert.deepEqual(
    third?.waitsFor.map(({ oldestMs: _, ...rest }) => rest),
    [{ partition: 1, open: 2, overdue: 0, pastDeadlineMs: 0 }],
  )
  assert.equal(troubleOf(owners[2]?.status() ?? assert.fail()), undefined)

  laterMs = 100_000
  const late = (await underWay())[2]?.waitsFor[0]
  assert.ok(late && late.overdue === 2 && late.pastDeadlineMs >= 39_000 && late.pastDeadlineMs < 41_000)
  const trouble = troubleOf(owners[2]?.status() ?? assert.fail())
  assert.match(
    trouble ?? '',
    /^partition 2: 2 payments wait for partition 1 behind their deadline, the first for 4?\d s$/,
  )

  owners[1] = start(1, { directory: owners[1]?.directory ?? assert.fail() })
  for (let turn = 0; turn < 400 && ((await underWay())[2]?.open ?? 0) > 0; turn += 1) await systemClock.sleep(50)
  assert.deepEqual((await underWay())[2], nothing)
  await app.close()
  await Promise.all(owners.map(stopOwner))
  await Promise.all([log.close(), inbox.close(), parking.close()])
  await close()
})
