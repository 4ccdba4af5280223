import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRetries } from './retries.ts'

test('one of ten requests is tried again, and ten at once after a rest', () => {
  const retries = createRetries()
  const granted = (requests: number) => {
    let count = 0
    for (let made = 0; made < requests; made += 1) {
      retries.asked()
      if (retries.again() !== undefined) count += 1
    }
    return count
  }
  assert.equal(granted(1000), 10 + 100 - 1)
  for (let made = 0; made < 1000; made += 1) retries.asked()
  const waits = Array.from({ length: 11 }, () => retries.again())
  assert.equal(waits.at(-1), undefined)
  const known = waits.slice(0, 10).map(Number)
  assert.ok(known.every((waitMs) => waitMs >= 0 && waitMs <= 200))
  assert.ok(new Set(known).size > 1, 'they do not all come back at the same time')
})
