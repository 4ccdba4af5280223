import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type MatchEntry, type MatchLine, matchLines } from './match.ts'

const line = (amount: number, day: string, ...references: string[]): MatchLine => ({
  amount: BigInt(amount),
  days: [day],
  references,
  text: undefined,
})
const entry = (amount: number, day: string, reference?: string): MatchEntry => ({
  amount: BigInt(amount),
  day,
  reference,
})
const pairs = (lines: MatchLine[], entries: MatchEntry[]) =>
  matchLines(lines, entries).matched.map((match) => `${match.line}-${match.entry} ${match.by}`)

test('the same reference and amount match, whatever case and spaces the bank left', () => {
  assert.deepEqual(pairs([line(500, '2026-03-02', 'inv 17')], [entry(500, '2026-03-02', 'INV17')]), ['0-0 reference'])
})

test('money in is never matched with money out', () => {
  assert.deepEqual(pairs([line(500, '2026-03-02', 'A')], [entry(-500, '2026-03-02', 'A')]), [])
})

test('three days apart match, and four do not', () => {
  assert.deepEqual(pairs([line(5, '2026-03-02', 'A')], [entry(5, '2026-03-05', 'A')]), ['0-0 reference'])
  assert.deepEqual(pairs([line(5, '2026-03-02', 'A')], [entry(5, '2026-03-06', 'A')]), [])
})

test('a value date may be the one that is near', () => {
  const late: MatchLine = { ...line(5, '2026-03-20', 'A'), days: ['2026-03-20', '2026-03-02'] }
  assert.deepEqual(pairs([late], [entry(5, '2026-03-01', 'A')]), ['0-0 reference'])
})

test('each line and each entry is used once', () => {
  const lines = [line(5, '2026-03-02', 'A'), line(5, '2026-03-02', 'A')]
  const entries = [entry(5, '2026-03-02', 'A'), entry(5, '2026-03-02', 'A'), entry(5, '2026-03-02', 'A')]
  assert.deepEqual(pairs(lines, entries), ['0-0 reference', '1-1 reference'])
  assert.deepEqual(pairs(lines, entries.slice(0, 1)), ['0-0 reference'])
})

test('a reference wins over a nearer day', () => {
  const entries = [entry(5, '2026-03-02'), entry(5, '2026-03-04', 'A')]
  assert.deepEqual(pairs([line(5, '2026-03-02', 'A')], entries), ['0-1 reference'])
})

test('the nearest day wins, then the earlier entry', () => {
  const entries = [entry(5, '2026-03-04'), entry(5, '2026-03-03'), entry(5, '2026-03-03')]
  assert.deepEqual(pairs([line(5, '2026-03-02')], entries), ['0-1 amount'])
})

test('the amount alone is enough where one of both has no reference, and never where both have', () => {
  assert.deepEqual(pairs([line(5, '2026-03-02', 'A')], [entry(5, '2026-03-02')]), ['0-0 amount'])
  assert.deepEqual(pairs([line(5, '2026-03-02')], [entry(5, '2026-03-02', 'B')]), ['0-0 amount'])
  assert.deepEqual(pairs([line(5, '2026-03-02', 'A')], [entry(5, '2026-03-02', 'B')]), [])
})

test('the same reference with another amount differs', () => {
  const { matched, differing } = matchLines([line(5, '2026-03-02', 'A')], [entry(6, '2026-03-02', 'A')])
  assert.deepEqual([matched, differing], [[], [{ line: 0, entry: 0 }]])
})

test('an exact pair is taken before one that differs', () => {
  const lines = [line(6, '2026-03-02', 'A'), line(5, '2026-03-02', 'A')]
  const { matched, differing } = matchLines(lines, [entry(5, '2026-03-02', 'A')])
  assert.deepEqual([matched, differing], [[{ line: 1, entry: 0, by: 'reference' }], []])
})

test('the order of the entries given changes nothing about who is left over', () => {
  const lines = [line(5, '2026-03-01', 'A'), line(5, '2026-03-03'), line(7, '2026-03-03', 'C')]
  const entries = [entry(5, '2026-03-03', 'A'), entry(5, '2026-03-01'), entry(9, '2026-03-03', 'C')]
  const left = (given: MatchEntry[]) => {
    const { matched, differing } = matchLines(lines, given)
    return [...matched, ...differing]
      .map((pair) => `${pair.line} ${given[pair.entry]?.amount} ${given[pair.entry]?.day}`)
      .sort()
  }
  assert.deepEqual(left(entries), left(entries.toReversed()))
})

test('two thousand lines that all look like a hundred thousand entries are paired one to one', () => {
  const lines = Array.from({ length: 2_000 }, () => line(5, '2026-03-02'))
  const entries = Array.from({ length: 100_000 }, () => entry(5, '2026-03-02'))
  const matched = pairs(lines, entries)
  assert.equal(matched.length, 2_000)
  assert.equal(matched.at(-1), '1999-1999 amount')
})
