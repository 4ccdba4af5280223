import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MeasureName } from '../arguments.ts'
import { ratioTable } from './ratios.ts'
import type { Rounds } from './rounds.ts'

const samples = (perSecond: number, worker: number) =>
  Array.from({ length: 8 }, () => ({
    answered: perSecond,
    perSecond,
    cpuMicros: { 'write-side': worker, postgres: 50, 'load generator': 1_000 },
  }))
const rounds = (measure: MeasureName, a: number, b: number): Rounds => {
  return { measure, floor: [], a: samples(a, 50), b: samples(b, 150) }
}

test('B stands beside A, and what goes across beside what stays inside, of either side', () => {
  assert.equal(
    ratioTable([rounds('inside', 1_000, 700), rounds('across', 1_000, 210)]),
    [
      '| ratio | of rates | of CPU a payment, of product and stores |',
      '| --- | ---: | ---: |',
      '| inside: B to A | 0.70 (0.70 to 0.70) | 2.00 (2.00 to 2.00) |',
      '| across: B to A | 0.21 (0.21 to 0.21) | 2.00 (2.00 to 2.00) |',
      '| A: across to inside | 1.00 (1.00 to 1.00) | 1.00 (1.00 to 1.00) |',
      '| B: across to inside | 0.30 (0.30 to 0.30) | 1.00 (1.00 to 1.00) |',
    ].join('\n'),
  )
})

test('what failed has no ratio, and measures that do not go by place have none', () => {
  assert.equal(ratioTable([{ ...rounds('inside', 1, 2), failure: 'A: 3 requests failed' }]), undefined)
  assert.equal(ratioTable([rounds('payments', 1, 2)]), undefined)
})

test('where the CPU is not known rates alone are compared', () => {
  const bare = { answered: 10, perSecond: 10, cpuMicros: undefined }
  const table = ratioTable([{ measure: 'inside', floor: [], a: [bare], b: [bare] }])
  assert.match(table ?? '', /\| inside: B to A \| 1\.00 \(too few rounds for bounds\) \| {2}\|/)
})
