import assert from 'node:assert/strict'
import { test } from 'node:test'
import { partitionOf } from '@micropay/schemas/placement'
import { placedPostings } from './placed.ts'

const indexes = Array.from({ length: 4_000 }, (_, index) => index)

for (const partitions of [1, 2, 8, 64]) {
  test(`payments inside ${partitions} partitions stay in each of them, between two accounts`, () => {
    const postings = indexes.map(placedPostings('inside', partitions))
    for (const { from, to } of postings) {
      assert.equal(partitionOf(from, partitions), partitionOf(to, partitions))
      assert.notEqual(from, to)
    }
    assert.equal(new Set(postings.map(({ from }) => partitionOf(from, partitions))).size, partitions)
  })
}

for (const partitions of [2, 8, 64]) {
  test(`payments across ${partitions} partitions go from each of them to each other one`, () => {
    const ways = indexes.map(placedPostings('across', partitions)).map(({ from, to }) => {
      const [payer, payee] = [partitionOf(from, partitions), partitionOf(to, partitions)]
      assert.notEqual(payer, payee)
      return `${payer} ${payee}`
    })
    assert.equal(new Set(ways).size, Math.min(partitions * (partitions - 1), indexes.length))
  })
}

test('of a ledger of one partition there is nothing across', () => {
  const [inside, across] = [placedPostings('inside', 1), placedPostings('across', 1)]
  assert.deepEqual(indexes.map(across), indexes.map(inside))
})

test('more partitions than there are accounts for are refused', () => {
  assert.throws(() => placedPostings('inside', 1_024), /1000 accounts are too few/)
})
