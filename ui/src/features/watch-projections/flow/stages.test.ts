import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ProjectionStatus } from '@micropay/schemas/api/projection'
import type { WorkerStatus } from '@micropay/schemas/api/worker'
import { type Flow, sampleOf } from './sample-flow.ts'
import { type StillAsked, stagesOf } from './stages.ts'

const live: ProjectionStatus = {
  ...{ service: 'accounts', name: 'accounts', version: 1, schema: 'accounts_v1_1', state: 'live', partition: 0 },
  ...{ position: '0:7', appliedRecords: 9, ofRecords: 9, lagRecords: 0, percent: 100, etaSeconds: 0 },
  ...{ lagSeconds: 0.1, ratePerSecond: 3, stopped: null, givenUpBy: null, lastFailure: null },
}
const silent = { ...live, service: 'audit', lagRecords: 5, lagSeconds: 12.4, silent: 'does not answer' }
const upstream = { status: 'ready' as const, reason: null, failuresPerSecond: 0, latencyMs: null, waiting: 0 }
const well: Flow = {
  traffic: { upstreams: [{ ...upstream, name: 'accounts', requestsPerSecond: 2 }] },
  workers: [],
  statuses: [live],
}
const answered: StillAsked = { traffic: false, workers: false, projections: false }

function troublesOf(change: Partial<Flow>) {
  const flow = { ...well, ...change }
  return stagesOf(flow, sampleOf(flow, 1), answered).map(({ trouble }) => trouble)
}

test('nobody is in trouble while all answer', () => {
  assert.deepEqual(troublesOf({}), [undefined, undefined, undefined, undefined, undefined])
})

test('a projection that does not answer is trouble, with what it lacks at least, for its readers too', () => {
  assert.deepEqual(troublesOf({ statuses: [live, silent] }).slice(3), [
    'audit does not answer; at least 5 records behind',
    'a read model is at least 12 s old',
  ])
  assert.deepEqual(troublesOf({ strangers: [{ service: 'audit', silent: 'does not answer', seconds: 4 }] }).slice(3), [
    'audit does not answer; records behind: unknown',
    'a read model is at least 4 s old',
  ])
  assert.equal(troublesOf({ statuses: [live, { ...silent, state: 'retired' }] })[3], undefined)
})

test('a service that is not asked any more is trouble of the gateway, though nothing fails', () => {
  const awaySince = '2026-05-01T00:00:00.000Z'
  const traffic = { upstreams: [{ ...upstream, name: 'audit', requestsPerSecond: 0, awaySince }] }
  assert.equal(troublesOf({ traffic })[0], 'failing: audit')
})

test('a shared memory that is away is trouble of the gateway', () => {
  const { traffic } = well
  assert.ok(traffic)
  const sharedMemory = { kind: 'redis' as const, failuresPerSecond: 0 }
  const since = '2026-05-01T00:00:00.000Z'
  const away = { ...sharedMemory, away: { reason: 'it is gone', since } }
  assert.equal(troublesOf({ traffic: { ...traffic, sharedMemory: away } })[0], 'gateways share nothing: Redis is away')
  assert.equal(troublesOf({ traffic: { ...traffic, sharedMemory: { ...sharedMemory, away: null } } })[0], undefined)
})

test('neither the write side nor the log is called well beside a partition that is stopped', () => {
  const worker: WorkerStatus = {
    ...{ worker: 'a', partition: 0, phase: 'stopped', stopped: 'stopped: the log ends at offset 3', epoch: 1, seq: 9 },
    ...{ stateDiscarded: null, queued: 0, inDoubt: 0, commitsPerSecond: 0, appendLatencyMs: null, stateLagCommits: 0 },
    ...{ log: 'postgres', lease: null, voids: { inLog: 0, sinceStart: {}, last: [] }, chainBrokenAlarms: 0 },
  }
  assert.deepEqual(troublesOf({ workers: [worker] }).slice(1, 3), [
    'partition 0: stopped',
    'nothing is appended to partition 0',
  ])
})

test('payments that wait for a partition that is away, and parked messages, are trouble of the write side', () => {
  const worker: WorkerStatus = {
    ...{ worker: 'a', partition: 0, phase: 'serving', stopped: null, epoch: 1, seq: 9 },
    ...{ stateDiscarded: null, queued: 0, inDoubt: 0, commitsPerSecond: 0, appendLatencyMs: null, stateLagCommits: 0 },
    ...{ log: 'postgres', lease: null, voids: { inLog: 0, sinceStart: {}, last: [] }, chainBrokenAlarms: 0 },
  }
  const late = { partition: 3, open: 2, oldestMs: 1, overdue: 1, pastDeadlineMs: 30_001 }
  const waiting = (overdue: number) => ({
    ...worker,
    underWay: { open: 2, oldestMs: 1, sent: 0, received: 0, waitsFor: [{ ...late, overdue }] },
  })
  const parked = { kept: 1, more: 0 }
  assert.equal(troublesOf({ workers: [waiting(0)] })[1], undefined)
  assert.equal(troublesOf({ workers: [{ ...waiting(1), parked }] })[1], 'payments wait for partition 3')
  assert.equal(troublesOf({ workers: [{ ...worker, parked }] })[1], '1 parked message')
})

test('whoever does not answer is in trouble, and so is what only it could tell of', () => {
  assert.deepEqual(troublesOf({ traffic: undefined, workers: undefined, statuses: undefined }), [
    'it does not answer',
    'it does not answer',
    'unknown: the write side does not answer',
    'they do not answer',
    'unknown: the gateway does not answer',
  ])
})

test('who was asked just now is neither well nor in trouble', () => {
  const flow = { traffic: undefined, workers: undefined, statuses: undefined }
  const stages = stagesOf(flow, sampleOf(flow, 1), { traffic: true, workers: true, projections: true })
  assert.ok(stages.every(({ isAsked }) => isAsked))
})
