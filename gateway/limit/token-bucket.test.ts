import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRateLimit } from './token-bucket.ts'

test('a rested caller may make as many requests at once as its limit a second, and not one more', () => {
  const limit = createRateLimit(3, () => 0)
  assert.deepEqual(
    [1, 2, 3, 4].map(() => limit('ada').allowed),
    [true, true, true, false],
  )
})

test('the bucket fills by the clock, and never over the limit', () => {
  let nowMs = 0
  const limit = createRateLimit(2, () => nowMs)
  limit('ada')
  limit('ada')
  assert.deepEqual(limit('ada'), { allowed: false, remaining: 0, resetSeconds: 1 })
  nowMs = 499
  assert.equal(limit('ada').allowed, false)
  nowMs = 500
  assert.equal(limit('ada').allowed, true)
  nowMs = 60_000
  assert.equal(limit('ada').remaining, 1)
})

test('callers do not share a bucket', () => {
  const limit = createRateLimit(1, () => 0)
  assert.equal(limit('ada').allowed, true)
  assert.equal(limit('ben').allowed, true)
  assert.equal(limit('ada').allowed, false)
})
