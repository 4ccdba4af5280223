import assert from 'node:assert/strict'
import { test } from 'node:test'
import { daysOf, daysTitle } from './days-of.ts'

test('the first period has no first day, and one of a single day names it once', () => {
  assert.equal(daysOf({ from: null, through: '2026-06-30' }), 'up to 2026-06-30')
  assert.equal(daysTitle({ from: null, through: '2026-06-30' }), 'Up to 2026-06-30')
  assert.equal(daysTitle({ from: '2026-06-01', through: '2026-06-30' }), '2026-06-01 to 2026-06-30')
  assert.equal(daysOf({ from: '2026-06-01', through: '2026-06-01' }), '2026-06-01')
})
