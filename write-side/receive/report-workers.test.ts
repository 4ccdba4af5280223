import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { buildHttp } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import { WorkerStatusList } from '@micropay/schemas/api/worker'
import { OwnerId } from '@micropay/schemas/identifiers'
import { encodeClaim } from '@micropay/schemas/log/ledger-record'
import { ledgerId, opening, startOwner, stopOwner, submitUntilDecided } from '../handle/owner.fixture.ts'
import { reportWorkers } from './report-workers.ts'

const verifyToken = async (scope: string | undefined) => ({
  ...{ subject: OwnerId.parse('sre:sam'), client: 'test', tenant: 'main', expiresAt: 0 },
  scopes: new Set([scope ?? '']),
})
const holder = { name: '0', ownerId: 'worker-1', acquiredAt: new Date(1_000), expiresAt: new Date(2_000) }

test('a worker reports its partition: where it stands, how it appends, what was void, and who has the lease', async () => {
  const eventLog = openMemoryLog(createMemoryStore())
  await eventLog.prepare(1)
  const owner = startOwner(eventLog)
  const app = await buildHttp({ log: createLogger('test', 'silent'), title: 'test', verifyToken })
  let answersLeases = true
  const counted = Promise.resolve([{ partition: 0, kept: 2, more: 1 }])
  const holders = () => (answersLeases ? Promise.resolve([holder]) : Promise.reject(new Error('out of reach')))
  reportWorkers(app, {
    ...{
      workerId: 'worker-1',
      owners: [owner],
      leases: { holders },
      parking: { counts: () => (answersLeases ? counted : Promise.reject(new Error('out of reach'))) },
      leaseName: String,
      log: 'memory',
      clock: systemClock,
    },
  })
  const report = async () => {
    const answer = await app.inject({ url: '/v1/workers', headers: { authorization: 'platform:read' } })
    const [status] = WorkerStatusList.parse(answer.json()).items
    assert.ok(status, answer.body)
    return status
  }
  assert.equal((await submitUntilDecided([owner], opening('ada'))).kind, 'accepted')
  const appender = await eventLog.openAppender(0)
  const late = {
    epoch: 1,
    claimId: 'a-claim-that-comes-late',
    ownerId: 'other',
    claimedAt: '2026-01-01T00:00:00.000Z',
    eventGeneration: 1,
  }
  await appender.append([{ key: '', value: encodeClaim({ ledgerId, partition: 0 }, late) }])
  assert.equal((await submitUntilDecided([owner], opening('ben'))).kind, 'accepted')

  const status = await report()
  assert.deepEqual([status.phase, status.epoch, status.seq, status.queued, status.inDoubt], ['serving', 1, 2, 0, 0])
  assert.deepEqual([status.worker, status.log, status.stateLagCommits], ['worker-1', 'memory', 2])
  assert.deepEqual(status.lease, {
    holder: 'worker-1',
    acquiredAt: '1970-01-01T00:00:01.000Z',
    expiresAt: '1970-01-01T00:00:02.000Z',
  })
  assert.ok((status.appendLatencyMs?.p99 ?? 0) > 0)
  assert.deepEqual([status.voids.inLog, status.voids.sinceStart], [1, { stale_claim: 1 }])
  assert.deepEqual(
    status.voids.last.map(({ offset, reason }) => [offset, reason]),
    [['3', 'stale_claim']],
  )
  assert.deepEqual([status.chainBrokenAlarms, status.stateDiscarded, status.parked], [0, null, { kept: 2, more: 1 }])

  answersLeases = false
  const { lease, parked, seq } = await report()
  assert.deepEqual([lease, parked, seq], [null, null, 2], 'the rest is told without their database')
  const other = await app.inject({ url: '/v1/workers', headers: { authorization: 'accounts:read' } })
  assert.equal(other.statusCode, 403)
  await app.close()
  await stopOwner(owner)
})
