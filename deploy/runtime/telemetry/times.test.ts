import assert from 'node:assert/strict'
import { test } from 'node:test'
import { secondsBuckets } from './metric.ts'
import { createTimes } from './times.ts'

test('what took as long as a bucket ends at is in it, and what took longer in the next one', () => {
  const times = createTimes(['route'])
  for (const seconds of [0, 0.001, 0.0011, 0.25, 30, 30.1]) times.add(seconds, { route: '/v1/payments' })
  const [only, other] = times.all()
  assert.equal(other, undefined)
  const expected = [2, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1]
  assert.equal(expected.length, secondsBuckets.length + 1)
  assert.deepEqual(only?.counts, expected)
  assert.deepEqual([only?.count, only?.labels], [6, { route: '/v1/payments' }])
})

test('each set of labels has times of its own, whatever stands in them', () => {
  const times = createTimes(['route', 'status'])
  times.add(1, { route: 'a\nb', status: 'c' })
  times.add(1, { route: 'a', status: 'b\nc' })
  times.add(1, { status: 'c', route: 'a\nb' })
  assert.deepEqual(
    times.all().map(({ count }) => count),
    [2, 1],
  )
})

test('of more sets than there may be, what comes last is told together', () => {
  const times = createTimes(['route'])
  for (let number = 0; number < 5_000; number += 1) times.add(1, { route: String(number) })
  times.add(1, { route: '17' })
  const all = times.all()
  assert.equal(all.length, 4_001)
  assert.deepEqual([all.at(-1)?.labels, all.at(-1)?.count], [{ route: 'other' }, 1_000])
  assert.equal(all[17]?.count, 2)
})
