import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { assign, type Holders, nextInLine } from './assign.ts'

const workers = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), { minLength: 1 })
/** Some of them are gone, or were never heard of. */
const holders = fc.array(fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'gone'), { nil: undefined }), {
  minLength: 1,
  maxLength: 40,
})

const countOf = (wanted: Holders, worker: string) => wanted.filter((holder) => holder === worker).length
const moved = (from: Holders, to: Holders) => to.filter((holder, partition) => from[partition] !== holder).length

/** No fair sharing leaves more where it is. */
function fewestMoves(held: Holders, living: readonly string[]): number {
  const equal = Math.floor(held.length / living.length)
  const counts = living.map((worker) => countOf(held, worker)).sort((one, other) => other - one)
  const kept = counts.map((count, index) => Math.min(count, equal + (index < held.length % living.length ? 1 : 0)))
  return held.length - kept.reduce((sum, each) => sum + each, 0)
}

test('every partition has one worker that lives, and shares differ by one at most', () => {
  fc.assert(
    fc.property(holders, workers, (held, living) => {
      const wanted = assign(held, living)
      const counts = living.map((worker) => countOf(wanted, worker))
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        held.length,
      )
      assert.ok(Math.max(...counts) - Math.min(...counts) <= 1)
    }),
  )
})

test('as few partitions move as fair shares allow', () => {
  fc.assert(
    fc.property(holders, workers, (held, living) => {
      assert.equal(moved(held, assign(held, living)), fewestMoves(held, living))
    }),
  )
})

test('one that leaves moves what it had, and one that joins what it gets', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 64 }), workers, (partitions, living) => {
      const nobody = Array.from({ length: partitions }, () => undefined)
      const before = assign(nobody, living)
      const joined = assign(before, [...living, 'joins'])
      assert.equal(moved(before, joined), countOf(joined, 'joins'))
      const after = assign(joined, living)
      assert.equal(moved(joined, after), countOf(joined, 'joins'))
    }),
  )
})

test('whatever part of the moves is made already, the rest stays as it was', () => {
  fc.assert(
    fc.property(holders, workers, fc.array(fc.nat(39)), (held, living, made) => {
      const wanted = assign(held, living)
      const partly = held.map((holder, partition) => (made.includes(partition) ? wanted[partition] : holder))
      assert.deepEqual(assign(partly, living), wanted)
    }),
  )
})

test('the order in which workers are told changes nothing, and neither does telling one twice', () => {
  fc.assert(
    fc.property(holders, workers, (held, living) => {
      assert.deepEqual(assign(held, [...living].reverse().concat(living)), assign(held, living))
    }),
  )
})

test('whoever is next in line for a partition is who gets it when its worker is gone', () => {
  fc.assert(
    fc.property(holders, workers, (held, living) => {
      const wanted = assign(held, living)
      const next = nextInLine(wanted, living)
      for (const gone of living) {
        const after = assign(
          wanted,
          living.filter((worker) => worker !== gone),
        )
        for (const [partition, worker] of wanted.entries()) {
          if (worker === gone) assert.equal(after[partition], next[partition])
        }
      }
    }),
  )
})

test('of 64 partitions two workers have 32 each, and a third gets 21 of them', () => {
  const nobody = Array.from({ length: 64 }, () => undefined)
  const two = assign(nobody, ['worker-1', 'worker-2'])
  assert.equal(countOf(two, 'worker-1'), 32)
  const three = assign(two, ['worker-1', 'worker-2', 'worker-3'])
  assert.deepEqual([countOf(three, 'worker-3'), moved(two, three)], [21, 21])
})
