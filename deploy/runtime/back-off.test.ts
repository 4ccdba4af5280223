import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backOff } from './back-off.ts'

test('the first wait is the shortest, each is twice the one before, and none is longer than the longest', () => {
  const waits = [1, 2, 3, 4, 5, 6, 1_000, 1_000_000].map((failures) =>
    backOff(failures, { firstMs: 100, mostMs: 1_500 }),
  )
  assert.deepEqual(waits, [100, 200, 400, 800, 1_500, 1_500, 1_500, 1_500])
})

test('before any failure it is the first wait', () => {
  assert.equal(backOff(0, { firstMs: 100, mostMs: 1_500 }), 100)
})
