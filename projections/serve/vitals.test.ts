import assert from 'node:assert/strict'
import { test } from 'node:test'
import { vitalsOf } from './vitals.ts'

const live = { state: 'live', ratePerSecond: 5, lagRecords: 2, lagSeconds: 0.1 } as const

test('the worst of the live versions counts, and one that is being built or is retired does not', () => {
  const building = { ...live, state: 'building', ratePerSecond: 9_000, lagRecords: 80_000, lagSeconds: 300 } as const
  const statuses = [
    live,
    { ...live, lagRecords: 7, lagSeconds: 4 },
    building,
    { ...building, state: 'retired' as const },
  ]
  assert.deepEqual(vitalsOf(statuses), { appliedPerSecond: 5, lagRecords: 7, lagSeconds: 4 })
})

test('a lag that is not known of one partition is not known', () => {
  assert.equal(vitalsOf([live, { ...live, lagRecords: null }]).lagRecords, null)
  assert.deepEqual(vitalsOf([]), { appliedPerSecond: 0, lagRecords: null, lagSeconds: 0 })
})
