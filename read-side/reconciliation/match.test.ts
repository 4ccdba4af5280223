import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type MatchEntry, type MatchLine, matchLines } from './match.ts'

const line = (amount: number, day: string, ...references: string[]): MatchLine => ({
  amount: BigInt(amount),
  days: [day],
  references,
  bankReferences: [],
  text: undefined,
  isBatch: false,
  details: [],
})
let payments = 0
const entry = (amount: number, day: string, reference?: string): MatchEntry => {
  payments += 1
  return { payment: `pay-${payments}`, amount: BigInt(amount), day, reference }
}
/** The entries of one payment on the account. */
const payment = (amounts: number[], day: string, reference?: string): MatchEntry[] => {
  const { payment: id } = entry(0, day)
  return amounts.map((amount) => ({ ...entry(amount, day, reference), payment: id }))
}
const pairs = (lines: MatchLine[], entries: MatchEntry[]) =>
  matchLines(lines, entries).matched.map(({ line: index, detail, entries: found, by }) => {
    const place = detail === undefined ? index : `${index}.${detail}`
    return `${place}-${found.join('+')} ${by}`
  })

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
  assert.deepEqual([matched, differing], [[], [{ line: 0, detail: undefined, entries: [0] }]])
})

test('an exact pair is taken before one that differs', () => {
  const lines = [line(6, '2026-03-02', 'A'), line(5, '2026-03-02', 'A')]
  const { matched, differing } = matchLines(lines, [entry(5, '2026-03-02', 'A')])
  assert.deepEqual([matched, differing], [[{ line: 1, detail: undefined, entries: [0], by: 'reference' }], []])
})

test('the order of the entries given changes nothing about who is left over', () => {
  const lines = [line(5, '2026-03-01', 'A'), line(5, '2026-03-03'), line(7, '2026-03-03', 'C')]
  const entries = [entry(5, '2026-03-03', 'A'), entry(5, '2026-03-01'), entry(9, '2026-03-03', 'C')]
  const left = (given: MatchEntry[]) => {
    const { matched, differing } = matchLines(lines, given)
    return [...matched, ...differing]
      .map((pair) => `${pair.line} ${pair.entries.map((index) => `${given[index]?.amount} ${given[index]?.day}`)}`)
      .sort()
  }
  assert.deepEqual(left(entries), left(entries.toReversed()))
})

test('the entries of one payment are one line of their sum', () => {
  assert.deepEqual(pairs([line(60, '2026-03-02', 'A')], payment([10, 20, 30], '2026-03-02', 'A')), [
    '0-0+1+2 reference',
  ])
  assert.deepEqual(pairs([line(60, '2026-03-02')], payment([10, 20, 30], '2026-03-02')), ['0-0+1+2 amount'])
  const fee = payment([100, -3], '2026-03-02', 'A')
  assert.deepEqual(pairs([line(97, '2026-03-02', 'A')], fee), ['0-0+1 reference'])
})

test('a payment is taken as a whole before a line takes one of its entries', () => {
  const lines = [line(10, '2026-03-02', 'A'), line(30, '2026-03-02', 'A')]
  assert.deepEqual(pairs(lines, payment([10, 20], '2026-03-02', 'A')), ['1-0+1 reference'])
})

test('where the bank has a line for each entry of a payment, each is taken', () => {
  const lines = [line(10, '2026-03-02', 'A'), line(20, '2026-03-02', 'A')]
  assert.deepEqual(pairs(lines, payment([10, 20], '2026-03-02', 'A')), ['0-0 reference', '1-1 reference'])
  const { differing, left } = matchLines(
    [line(10, '2026-03-02', 'A'), line(25, '2026-03-02', 'A')],
    [...payment([10, 20, 1], '2026-03-02', 'A'), ...payment([7, 8], '2026-03-02', 'B')],
  )
  assert.deepEqual([differing, left], [[{ line: 1, detail: undefined, entries: [1, 2] }], [[3, 4]]])
})

test('what moves nothing is found for nothing', () => {
  const lines = [line(0, '2026-03-02', 'A'), line(0, '2026-03-02')]
  const entries = [entry(5, '2026-03-02', 'A'), ...payment([4, -4], '2026-03-02', 'A'), entry(0, '2026-03-02')]
  const { matched, differing, left } = matchLines(lines, entries)
  assert.deepEqual([matched, differing, left], [[], [], [[0], [1, 2], [3]]])
})

test('a reference as words within the text is one, and as a part of a word it is none', () => {
  const told = (text: string): MatchLine => ({ ...line(5, '2026-03-02', 'bank-77'), text })
  const found = (text: string, reference: string) => pairs([told(text)], [entry(5, '2026-03-02', reference)])
  for (const text of ['Invoice INV-44 thank you', 'inv-44.', 'EREF+INV-44', 'ref (Inv-44)', 'pays INV -44 now']) {
    assert.deepEqual(found(text, 'INV-44'), ['0-0 reference'], text)
  }
  for (const text of ['INV-445', 'XINV-44', 'INV-44/2', 'INV 44']) assert.deepEqual(found(text, 'INV-44'), [], text)
  assert.deepEqual(found('Invoice INV-44', '44'), [])
  assert.deepEqual(matchLines([told('Invoice INV-44')], [entry(6, '2026-03-02', 'INV-44')]).differing, [])
})

test("the bank's own numbers are a match where an entry has one, and speak against no other", () => {
  const numbered: MatchLine = { ...line(5, '2026-03-02'), bankReferences: ['bank-77'] }
  assert.deepEqual(pairs([numbered], [entry(5, '2026-03-02', 'INV-44')]), ['0-0 amount'])
  assert.deepEqual(pairs([numbered], [entry(5, '2026-03-02', 'BANK-77')]), ['0-0 reference'])
  assert.deepEqual(matchLines([numbered], [entry(6, '2026-03-02', 'BANK-77')]).differing, [])
})

const batch = (amount: number, ...details: (readonly [number, string])[]): MatchLine => ({
  ...line(amount, '2026-03-02', ...details.map(([, reference]) => reference)),
  isBatch: true,
  details: details.map(([part, reference]) => line(part, '2026-03-02', reference)),
})

test('a line of several transactions meets one payment of its sum, else each of them its own', () => {
  const of = batch(60, [10, 'E1'], [20, 'E2'], [30, 'E3'])
  assert.deepEqual(pairs([of], [entry(60, '2026-03-02', 'E2')]), ['0-0 reference'])
  const apart = [entry(10, '2026-03-02', 'E1'), entry(21, '2026-03-02', 'E2'), entry(30, '2026-03-02')]
  assert.deepEqual(pairs([of], apart), ['0.0-0 reference', '0.2-2 amount'])
  const { differing, left } = matchLines([of], apart)
  assert.deepEqual([differing, left], [[{ line: 0, detail: 1, entries: [1] }], []])
})

test('a line of several transactions whose amounts nobody knows differs from none of them', () => {
  const unknown = { ...batch(60, [10, 'E1'], [20, 'E2']), details: [] }
  const { matched, differing } = matchLines([unknown], [entry(10, '2026-03-02', 'E1'), entry(20, '2026-03-02', 'E2')])
  assert.deepEqual([matched, differing], [[], []])
})

test('a reference within a text comes before the amount alone, and behind a reference of its own', () => {
  const lines = [line(5, '2026-03-02'), { ...line(5, '2026-03-04'), text: 'for INV-1' }, line(5, '2026-03-04', 'INV-2')]
  const entries = [entry(5, '2026-03-02', 'INV-2'), entry(5, '2026-03-02', 'INV-1')]
  assert.deepEqual(pairs(lines, entries), ['2-0 reference', '1-1 reference'])
})

test('two thousand lines that all look like a hundred thousand entries are paired one to one', () => {
  const lines = Array.from({ length: 2_000 }, () => line(5, '2026-03-02'))
  const entries = Array.from({ length: 100_000 }, () => entry(5, '2026-03-02'))
  const matched = pairs(lines, entries)
  assert.equal(matched.length, 2_000)
  assert.equal(matched.at(-1), '1999-1999 amount')
})
