import assert from 'node:assert/strict'
import { test } from 'node:test'
import { movedBy, sidesOf } from './totals.ts'

const leg = (amount: string, currency = 'EUR') => ({ amount, currency })

test('what leaves and what comes is added up apart, in each currency', () => {
  assert.deepEqual(sidesOf([leg('-50'), leg('30'), leg('-7', 'JPY'), leg('20'), leg('0', 'USD')]), [
    { currency: 'EUR', outMinor: 50n, inMinor: 50n },
    { currency: 'JPY', outMinor: 7n, inMinor: 0n },
    { currency: 'USD', outMinor: 0n, inMinor: 0n },
  ])
})

test('a payment moves its larger side, of which one may see the one alone', () => {
  const moved = (...legs: ReturnType<typeof leg>[]) => movedBy(legs).map(({ minor }) => minor)
  assert.deepEqual(moved(leg('-50'), leg('30'), leg('20')), ['50'])
  assert.deepEqual(moved(leg('-50'), leg('30')), ['50'])
  assert.deepEqual(moved(leg('30')), ['30'])
  assert.deepEqual(moved(leg('0')), ['0'])
})
