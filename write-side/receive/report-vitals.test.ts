import assert from 'node:assert/strict'
import { test } from 'node:test'
import { vitalsOf } from './report-vitals.ts'

test('commits of all partitions add up, and the slowest of them says how long appends take', () => {
  const statuses = [
    { commitsPerSecond: 10, appendLatencyMs: { p50: 1, p99: 8 } },
    { commitsPerSecond: 5, appendLatencyMs: { p50: 2, p99: 4 } },
    { commitsPerSecond: 0, appendLatencyMs: undefined },
  ]
  assert.deepEqual(vitalsOf(statuses), { commitsPerSecond: 15, appendLatencyMs: { p50: 2, p99: 8 } })
  assert.deepEqual(vitalsOf([]), { commitsPerSecond: 0, appendLatencyMs: null })
})
