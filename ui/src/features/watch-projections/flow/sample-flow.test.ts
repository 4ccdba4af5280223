import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ProjectionStatus } from '@micropay/schemas/api/projection'
import { remember, sampleOf } from './sample-flow.ts'

const status = (change: Partial<ProjectionStatus>): ProjectionStatus => ({
  ...{ service: 'accounts', name: 'accounts', version: 1, schema: 'accounts_v1_1', state: 'live', partition: 0 },
  ...{ position: '0:7', appliedRecords: 9, ofRecords: 9, lagRecords: 0, percent: 100, etaSeconds: 0 },
  ...{ lagSeconds: 0.1, ratePerSecond: 3, stopped: null, givenUpBy: null, lastFailure: null },
  ...change,
})
const upstream = { status: 'ready' as const, reason: null, failuresPerSecond: 0, latencyMs: null, waiting: 0 }

test('rates add up, lags are the worst of the live versions, and what did not answer is null', () => {
  const upstreams = [
    { ...upstream, name: 'write-side', requestsPerSecond: 4 },
    { ...upstream, name: 'accounts', requestsPerSecond: 2 },
    { ...upstream, name: 'projections/accounts', requestsPerSecond: 1 },
  ]
  const statuses = [
    status({ lagRecords: 2 }),
    status({ service: 'audit', lagRecords: 5 }),
    status({ state: 'building', lagRecords: 99 }),
  ]
  const sample = sampleOf({ traffic: { upstreams }, workers: undefined, statuses }, 1)
  assert.deepEqual([sample.requests, sample.reads, sample.lagRecords, sample.commits], [7, 2, 5, null])
})

test('who does not answer counts as the worst: a lag is what it is at best, and a rate without it is none', () => {
  const flow = { traffic: undefined, workers: undefined }
  const silent = { ...status({ service: 'audit', lagRecords: 31, lagSeconds: 10.5 }), silent: 'does not answer' }
  const known = sampleOf({ ...flow, statuses: [status({}), silent] }, 1)
  assert.deepEqual([known.lagRecords, known.lagSeconds, known.lagAtLeast, known.applied], [31, 10.5, true, null])
  const strangers = [{ service: 'audit', silent: 'does not answer', seconds: 7 }]
  const unknown = sampleOf({ ...flow, statuses: [status({})], strangers }, 1)
  assert.deepEqual([unknown.lagRecords, unknown.lagSeconds, unknown.lagAtLeast, unknown.applied], [null, 7, true, null])
  const all = sampleOf({ ...flow, statuses: [status({})] }, 1)
  assert.deepEqual([all.lagRecords, all.lagSeconds, all.lagAtLeast, all.applied], [0, 0.1, false, 3])
})

test('a lag that one does not know is not known at all', () => {
  const statuses = [status({ lagRecords: 2 }), status({ service: 'audit', lagRecords: null })]
  assert.equal(sampleOf({ traffic: undefined, workers: undefined, statuses }, 1).lagRecords, null)
})

test('the history keeps three minutes', () => {
  let history: ReturnType<typeof remember> = []
  const nothing = { traffic: undefined, workers: undefined, statuses: undefined }
  for (let at = 0; at < 200; at += 1) history = remember(history, sampleOf(nothing, at))
  assert.deepEqual([history.length, history[0]?.atMs, history.at(-1)?.atMs], [180, 20, 199])
})
