import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Sample } from './measures.ts'
import type { Rounds } from './rounds.ts'
import { comparisonTable, confidenceOfEach, type Figure, figuresOf, verdictOf } from './verdict.ts'

const around = (value: number) => [0.99, 1.01, 1, 0.995, 1.005, 1.002, 0.998, 1.004].map((factor) => value * factor)
const figure = (a: number, b: number, tells: Figure['tells'], scatter = around): Figure => {
  return { name: 'figure', unit: 'µs', a: scatter(a), b: scatter(b).toReversed(), tells }
}

test('says which way B differs, by how much, and between which bounds', () => {
  assert.equal(verdictOf(figure(100, 96, 'speed'), 0.95), '**B is 4 % slower (2.8 to 5.1 %)**')
  assert.equal(verdictOf(figure(100, 120, 'speed'), 0.95), '**B is 20 % faster (19 to 21 %)**')
  assert.equal(verdictOf(figure(100, 110, 'cost'), 0.95), '**B takes 10 % more (8.7 to 11 %)**')
  assert.equal(verdictOf(figure(100, 90, 'cost'), 0.95), '**B takes 10 % less (8.9 to 11 %)**')
})

test('says what cannot be told from noise, and within which bounds it then lies', () => {
  const wild = (value: number) => [0.7, 1.3, 1, 0.8, 1.2, 0.9, 1.1, 1.05].map((factor) => value * factor)
  const said = verdictOf(figure(100, 100.5, 'speed', wild), 0.95)
  assert.match(said, /^no difference that can be told from noise \(-\d+(\.\d)? to \+\d+(\.\d)? %\)$/)
})

test('says nothing of what cannot differ by what is compared, and not much of too few rounds', () => {
  assert.equal(verdictOf(figure(100, 200, 'nothing'), 0.95), '')
  assert.equal(verdictOf(figure(100, 200, 'cost'), 0.999), 'too few rounds to tell anything')
})

test('the more verdicts there are, the surer each must be', () => {
  assert.equal(confidenceOfEach(1), 0.95)
  assert.equal(confidenceOfEach(10), 0.995)
})

const sample = (cpuMicros: Sample['cpuMicros']): Sample => ({
  answered: 900,
  perSecond: 450,
  p50Ms: 1,
  p99Ms: 3,
  cpuMicros,
})
const roundsOf = (one: Sample): Rounds => ({ measure: 'gateway', floor: [900, 900], a: [one, one], b: [one, one] })

test('each process of the product has its CPU and they have a sum; stores and load generator stand apart', () => {
  const rounds = roundsOf(sample({ gateway: 90, 'write-side': 110, postgres: 0, kafka: 30, 'load generator': 40 }))
  const figures = figuresOf(rounds).map(({ name, a, tells }) => [name, a[0], tells])
  assert.deepEqual(figures, [
    ['rate', 450, 'speed'],
    ['CPU of gateway', 90, 'cost'],
    ['CPU of write-side', 110, 'cost'],
    ['CPU of the product, sum', 200, 'cost'],
    // Too little to be measured.
    ['apart: CPU of postgres', 0, 'nothing'],
    ['apart: CPU of kafka', 30, 'cost'],
    ['apart: CPU of the load generator', 40, 'nothing'],
    ['latency, p50', 1, 'nothing'],
    ['latency, p99', 3, 'nothing'],
  ])
})

test('without a /proc the rate and latency are what there is', () => {
  const names = figuresOf(roundsOf(sample(undefined))).map(({ name }) => name)
  assert.deepEqual(names, ['rate', 'latency, p50', 'latency, p99'])
})

test('a rate stands beside the floor of its own round', () => {
  const table = comparisonTable('kafka', [roundsOf(sample(undefined))], 0.5)
  assert.match(table, /\| gateway: rate \| 450\/s \| 450\/s \| 0\.500, 0\.500 \|/)
})

test('a failed request voids what was measured, and says why', () => {
  const failed: Rounds = { ...roundsOf(sample(undefined)), failure: 'B: 3 requests failed' }
  const table = comparisonTable('kafka', [failed], 0.95)
  assert.match(table, /\| gateway \| +\| \| \| void: B: 3 requests failed \|/)
  assert.doesNotMatch(table, /450/)
})
