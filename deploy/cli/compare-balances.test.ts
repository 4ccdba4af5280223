import assert from 'node:assert/strict'
import { test } from 'node:test'
import { comparison } from './compare-balances.ts'

const expected = new Map([
  ['a', 5n],
  ['b', 0n],
  ['c', -1n],
])

test('equal balances are compared without a mismatch, whatever other accounts there are', () => {
  const found = new Map([...expected, ['other', 7n]])
  assert.deepEqual(comparison(expected, found), { compared: 3, mismatches: [] })
})

test('another balance is a mismatch, and so is an account that is not there, even if it should be empty', () => {
  const found = new Map([
    ['a', 5n],
    ['c', 1n],
  ])
  assert.deepEqual(comparison(expected, found).mismatches, [
    { accountId: 'b', expected: 0n, found: undefined },
    { accountId: 'c', expected: -1n, found: 1n },
  ])
})
