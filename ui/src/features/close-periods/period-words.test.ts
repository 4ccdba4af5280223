import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endOfLastMonth } from './period-words.ts'

test('a period is closed to the end of the month before, over years and leap days', () => {
  assert.equal(endOfLastMonth('2026-07-01'), '2026-06-30')
  assert.equal(endOfLastMonth('2026-07-31'), '2026-06-30')
  assert.equal(endOfLastMonth('2026-01-15'), '2025-12-31')
  assert.equal(endOfLastMonth('2028-03-02'), '2028-02-29')
})
