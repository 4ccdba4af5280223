import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addUp, netOf } from './add-up.ts'

const total = (currency: string, inMinor: string, outMinor: string, entries = 1) => ({
  ...{ day: '2026-03-31', group: '', currency, in: inMinor, out: outMinor, entries },
})

test('totals add up in each currency for itself, without losing a digit', () => {
  assert.deepEqual(
    addUp([
      total('USD', '5', '0'),
      total('EUR', '9007199254740993', '1', 2),
      total('EUR', '1', '0'),
      total('USD', '0', '7'),
    ]),
    [
      { currency: 'EUR', inMinor: 9007199254740994n, outMinor: 1n, entries: 3 },
      { currency: 'USD', inMinor: 5n, outMinor: 7n, entries: 2 },
    ],
  )
  assert.deepEqual(addUp([]), [])
})

test('the net is what came in less what went out', () => {
  assert.equal(netOf(total('EUR', '5', '7')), -2n)
})
