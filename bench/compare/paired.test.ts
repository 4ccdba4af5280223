import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canTell, differenceOf, fewestRounds, medianOf } from './paired.ts'

const close = (measured: number, expected: number) =>
  assert.ok(Math.abs(measured - expected) < 1e-9, `${measured} is not ${expected}`)
const ones = (count: number) => new Array<number>(count).fill(1)
const exp = (values: readonly number[]) => values.map(Math.exp)

test('the ratio is the median of the means of pairs, and the interval is cut as the published table says', () => {
  // n = 10: a signed-rank sum of at most 8 has a chance of 0.0244, and one of at most 9 of 0.0322, so 8 are cut.
  const logs = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12]
  const { ratio, low, high } = differenceOf(ones(10), exp(logs), 0.95)
  const means = logs.flatMap((a, i) => logs.slice(i).map((b) => (a + b) / 2)).sort((a, b) => a - b)
  close(Math.log(low), means[8] ?? 0)
  close(Math.log(high), means[55 - 9] ?? 0)
  close(Math.log(ratio), means[27] ?? 0)
})

test('the same rounds on both sides cannot be told apart', () => {
  const rounds = [90, 100, 110, 95, 105, 99, 101]
  const same = differenceOf(rounds, rounds, 0.95)
  assert.deepEqual(same, { ratio: 1, low: 1, high: 1 })
  assert.equal(canTell(same), false)
})

test('pairs tell a difference of some percent although the machine halves its speed between rounds', () => {
  const a = [100, 50, 80, 120, 60, 100, 50, 90, 110, 70]
  const b = a.map((value, round) => value * (0.95 + 0.002 * (round % 3)))
  const slower = differenceOf(a, b, 0.99)
  assert.equal(canTell(slower), true)
  assert.ok(slower.ratio > 0.949 && slower.ratio < 0.955, `${slower.ratio}`)
})

test('one round that another load fell into changes little', () => {
  const b = [1.01, 0.99, 1.02, 0.98, 1.005, 0.995, 1.01, 0.99, 1, 0.3]
  const { ratio, low, high } = differenceOf(ones(10), b, 0.95)
  assert.ok(ratio > 0.98 && ratio < 1.01, `${ratio}`)
  assert.equal(canTell({ ratio, low, high }), false)
})

test('turned round, the difference is the inverse', () => {
  const [a, b] = [
    [100, 103, 98, 101, 97, 100],
    [111, 108, 109, 113, 107, 112],
  ]
  const there = differenceOf(a ?? [], b ?? [], 0.9)
  const back = differenceOf(b ?? [], a ?? [], 0.9)
  close(back.ratio, 1 / there.ratio)
  close(back.low, 1 / there.high)
  close(back.high, 1 / there.low)
})

test('too few rounds for the confidence give no bounds, and one more than that does', () => {
  assert.equal(fewestRounds(0.95), 6)
  const five = differenceOf(ones(5), [2, 2, 2, 2, 2], 0.95)
  assert.deepEqual([five.low, five.high], [0, Number.POSITIVE_INFINITY])
  assert.equal(canTell(five), false)
  assert.equal(canTell(differenceOf(ones(6), [2, 2, 2, 2, 2, 2], 0.95)), true)
})

test('of a thousand comparisons of a program with itself no more are told apart than the confidence allows', () => {
  const random = seeded(7)
  const told = Array.from({ length: 1_000 }, () => {
    const round = () => 100 * (1 + 0.2 * (random() + random() - 1))
    const [a, b] = [Array.from({ length: 12 }, round), Array.from({ length: 12 }, round)]
    return canTell(differenceOf(a, b, 0.95))
  }).filter(Boolean).length
  assert.ok(told >= 25 && told <= 70, `${told}`)
})

test('figures that are missing or not above 0 are refused', () => {
  assert.throws(() => differenceOf([], [], 0.95), /as many figures above 0/)
  assert.throws(() => differenceOf([1, 2], [1], 0.95), /as many figures above 0/)
  assert.throws(() => differenceOf([1, 2], [1, 0], 0.95), /as many figures above 0/)
})

test('the median of an even number lies between the two in the middle', () => {
  assert.equal(medianOf([4, 1, 3, 2]), 2.5)
  assert.equal(medianOf([3, 1, 2]), 2)
})

/** Mulberry32: the same numbers on every run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
