import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleOf } from './take-sample.ts'

const services = [
  { requestsPerSecond: 10.24, failuresPerSecond: 0 },
  { requestsPerSecond: 5, failuresPerSecond: 1 },
]
const worker = { commitsPerSecond: 100, appendLatencyMs: { p50: 2, p99: 9 } }
const projection = { appliedPerSecond: 90, lagRecords: 12, lagSeconds: 0.2 }

test('rates add up; lags and latencies are the worst', () => {
  const workers = [worker, { commitsPerSecond: 50, appendLatencyMs: { p50: 3, p99: 5 } }]
  const projections = [projection, { appliedPerSecond: 40, lagRecords: 3, lagSeconds: 7 }]
  assert.deepEqual(sampleOf({ services, workers, projections }, 0), {
    ...{ at: '1970-01-01T00:00:00.000Z', requestsPerSecond: 15.2, failuresPerSecond: 1, commitsPerSecond: 150 },
    ...{ appendLatencyMs: { p50: 3, p99: 9 }, appliedPerSecond: 90 },
    ...{ lagRecords: 12, lagSeconds: 7, lagAtLeast: false },
  })
})

test('a rate to which one is missing is none, and a lag is what it is at best', () => {
  const silent = sampleOf({ services, workers: [worker, undefined], projections: [projection, undefined] }, 0)
  assert.deepEqual([silent.commitsPerSecond, silent.appliedPerSecond], [null, null])
  assert.deepEqual([silent.lagRecords, silent.lagSeconds, silent.lagAtLeast], [12, 0.2, true])
  const nobody = sampleOf({ services, workers: [undefined], projections: [undefined] }, 0)
  assert.deepEqual([nobody.appendLatencyMs, nobody.lagSeconds, nobody.lagAtLeast], [null, null, true])
})

test('of lags one that is not known may be the largest', () => {
  const projections = [projection, { ...projection, lagRecords: null }]
  assert.equal(sampleOf({ services, workers: [worker], projections }, 0).lagRecords, null)
})
