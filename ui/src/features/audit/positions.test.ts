import assert from 'node:assert/strict'
import { test } from 'node:test'
import { neighbour, positionOf } from './positions.ts'

test('a payment, a position and a bare number all name a place in the ledger', () => {
  assert.equal(positionOf(' pay-0-1842 '), '0:1842')
  assert.equal(positionOf('3:7'), '3:7')
  assert.equal(positionOf('12'), '0:12')
})

test('what names no place is none', () => {
  for (const text of ['', 'ada:main', 'pay-0', '0:0', '0:1:2', '-1']) assert.equal(positionOf(text), undefined, text)
})

test('the neighbours of a position stay on its partition, and none is before the first', () => {
  assert.equal(neighbour('2:7', 1), '2:8')
  assert.equal(neighbour('2:7', -1), '2:6')
  assert.equal(neighbour('2:1', -1), undefined)
})
