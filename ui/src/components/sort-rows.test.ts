import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sortKey } from '../data/search/sort-key.ts'
import { directionOf, nextSort, type Sorts, sortRows } from './sort-rows.ts'

type Row = { readonly id: string; readonly minor: string | null; readonly currency: string }
const row = (id: string, minor: string | null, currency = 'EUR'): Row => ({ id, minor, currency })
const sorts: Sorts<Row> = {
  id: { of: ({ id }) => id },
  amount: { of: ({ minor }) => (minor === null ? null : BigInt(minor)), within: ({ currency }) => currency },
}
const ids = (rows: readonly Row[], sort: string | undefined) => sortRows(rows, sorts, sort).map(({ id }) => id)

test('amounts are sorted as numbers of any size, and names as people count', () => {
  const rows = [row('a10', '9007199254740993'), row('a9', '-5'), row('B1', '9007199254740992')]
  assert.deepEqual(ids(rows, 'amount'), ['a9', 'B1', 'a10'])
  assert.deepEqual(ids(rows, '-amount'), ['a10', 'B1', 'a9'])
  assert.deepEqual(ids(rows, 'id'), ['a9', 'a10', 'B1'])
})

test('each currency is sorted for itself, in either direction', () => {
  const rows = [row('a', '1', 'USD'), row('b', '900', 'EUR'), row('c', '2', 'USD'), row('d', '5', 'EUR')]
  assert.deepEqual(ids(rows, 'amount'), ['d', 'b', 'a', 'c'])
  assert.deepEqual(ids(rows, '-amount'), ['b', 'd', 'c', 'a'])
})

test('what has no value comes last either way, and equal rows keep their order', () => {
  const rows = [row('a', null), row('b', '2'), row('c', '1'), row('d', '2')]
  assert.deepEqual(ids(rows, 'amount'), ['c', 'b', 'd', 'a'])
  assert.deepEqual(ids(rows, '-amount'), ['b', 'd', 'c', 'a'])
})

test('without a sort, or with one that the table does not know, the list keeps its own order', () => {
  const rows = [row('b', '2'), row('a', '1')]
  for (const sort of [undefined, 'colour', '-', 'constructor', '__proto__'])
    assert.deepEqual(ids(rows, sort), ['b', 'a'])
})

test('a heading goes through both directions and back to the own order of the list', () => {
  assert.equal(nextSort(undefined, 'name'), 'name')
  assert.equal(nextSort('name', 'name'), '-name')
  assert.equal(nextSort('-name', 'name'), undefined)
  assert.equal(nextSort('-name', 'amount', { descendingFirst: true }), '-amount')
  assert.equal(nextSort('-amount', 'amount', { descendingFirst: true }), 'amount')
})

test('the column that stands for the own order has two directions alone', () => {
  const usual = { usual: '-decided', descendingFirst: true }
  assert.equal(nextSort(undefined, 'decided', usual), 'decided')
  assert.equal(nextSort('decided', 'decided', usual), undefined)
  assert.equal(nextSort('value', 'decided', usual), undefined)
})

test('the direction is told of the sorted column alone', () => {
  assert.equal(directionOf('-amount', 'amount'), 'descending')
  assert.equal(directionOf('amount', 'amount'), 'ascending')
  assert.equal(directionOf('amount', 'name'), undefined)
  assert.equal(directionOf(undefined, 'name'), undefined)
})

test('an address may hold anything: what is no key is no order', () => {
  assert.equal(sortKey.parse('-amount'), '-amount')
  for (const wrong of ['', '--amount', 'a b', "x'", 7]) assert.equal(sortKey.parse(wrong), undefined)
})
