import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearestMonth } from './nearest-month.ts'

const nearestTo = (instant: string) => nearestMonth(new Date(instant)).toISOString()

test('the beginning of a month is its own, and the middle is still nearest to what is behind it', () => {
  assert.equal(nearestTo('2026-04-01T00:00:00.000Z'), '2026-04-01T00:00:00.000Z')
  assert.equal(nearestTo('2026-04-16T00:00:00.000Z'), '2026-04-01T00:00:00.000Z')
  assert.equal(nearestTo('2026-04-16T00:00:00.001Z'), '2026-05-01T00:00:00.000Z')
  assert.equal(nearestTo('2026-03-31T23:59:59.999Z'), '2026-04-01T00:00:00.000Z')
})

test('the end of December is nearest to the next year', () => {
  assert.equal(nearestTo('1899-12-31T22:00:00.000Z'), '1900-01-01T00:00:00.000Z')
  assert.equal(nearestTo('2025-12-31T18:15:00.000Z'), '2026-01-01T00:00:00.000Z')
})
