import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askedDay } from '../../time/days.ts'
import { areAmountsInOrder, areDaysInOrder, withRangesInOrder } from './ranges.ts'

test('a range is in order when it has one end, or ends where it begins or later', () => {
  assert.equal(areDaysInOrder({ from: '2026-03-02' }), true)
  assert.equal(areDaysInOrder({ from: '2026-03-02', to: '2026-03-02' }), true)
  assert.equal(areDaysInOrder({ from: '2026-03-02', to: '2026-03-01' }), false)
})

test('amounts are compared as numbers, not by their digits', () => {
  assert.equal(areAmountsInOrder({ minAmount: '900', maxAmount: '1000' }), true)
  assert.equal(areAmountsInOrder({ minAmount: '1000', maxAmount: '900' }), false)
  assert.equal(areAmountsInOrder({ maxAmount: '900' }), true)
})

test('an address whose range is the wrong way round asks for its beginning alone', () => {
  const search = { from: '2026-03-02', to: '2026-03-01', minAmount: '10', maxAmount: '9', text: 'rent' }
  assert.deepEqual(withRangesInOrder(search), { ...search, to: undefined, maxAmount: undefined })
  assert.deepEqual(withRangesInOrder({ from: '2026-03-01', to: '2026-03-02' }), {
    from: '2026-03-01',
    to: '2026-03-02',
  })
})

test('days can be asked for from 1900 to 2999', () => {
  for (const day of ['1900-01-01', '2999-12-31']) assert.equal(askedDay.parse(day), day)
  for (const day of ['1899-12-31', '3000-01-01', '0001-01-01', '2026-02-30', 'now']) {
    assert.equal(askedDay.parse(day), undefined, day)
  }
})
