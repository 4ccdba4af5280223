import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { lastBefore, type ValueSteps, withPayment } from './valued-until.ts'

const at = (minutes: number) => new Date(Date.UTC(2026, 0, 1) + minutes * 60_000).toISOString()

test('the last payment before an instant is found, whatever order they came in', () => {
  const steps = [10, 500, 70, 40, 900].reduce<ValueSteps>(
    (all, minutes, index) => withPayment(all, at(minutes), index + 1),
    [],
  )
  assert.deepEqual(
    [0, 15, 30, 45, 75, 510, 900, 10_000].map((minutes) => lastBefore(steps, at(minutes))),
    [0, 1, 1, 4, 4, 4, 4, 5],
  )
  assert.equal(lastBefore([], at(0)), 0)
})

test('what it says is never too low, and is true of what is not long past', () => {
  const payments = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 80 })
  fc.assert(
    fc.property(payments, fc.integer({ min: 0, max: 41 }), (quarters, limit) => {
      const steps = quarters.reduce<ValueSteps>(
        (all, each, index) => withPayment(all, at(15 * each + 7), index + 1),
        [],
      )
      const found = lastBefore(steps, at(15 * limit))
      const expected = quarters.findLastIndex((each) => each < limit) + 1
      assert.ok(found >= expected, `${found} < ${expected}`)
      assert.ok(steps.length <= 17)
      const [oldest] = steps
      if (oldest && at(15 * limit) > oldest.quarter && steps.length < 16) assert.equal(found, expected)
    }),
  )
})
