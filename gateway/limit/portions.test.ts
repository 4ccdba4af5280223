import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPortions } from './portions.ts'

const budget = { perSecond: 200, most: 200 }
const taken = { allowed: true, spent: 3, remaining: 100, retryAfterMs: 0, fullAfterMs: 500 }
const refused = { allowed: false, spent: 0, remaining: 0, retryAfterMs: 5_000, fullAfterMs: 6_000 }

test('what is held is used up, each once, and is nobody else’s', () => {
  const portions = createPortions(() => 0)
  portions.keep('ada', budget, taken)
  assert.deepEqual(portions.take('ada', budget), {
    ...{ allowed: true, spent: 1, remaining: 101, retryAfterMs: 0, fullAfterMs: 500 },
  })
  assert.equal(portions.take('ben', budget), undefined)
  assert.equal(portions.take('ada', budget)?.remaining, 100)
  assert.equal(portions.take('ada', budget), undefined)
})

test('what is held for a second is lost, and so it is where the limit changes, or something is owed', () => {
  let nowMs = 0
  const portions = createPortions(() => nowMs)
  portions.keep('ada', budget, taken)
  assert.equal(portions.take('ada', { perSecond: 100, most: 100 }), undefined)
  nowMs = 999
  assert.ok(portions.take('ada', budget))
  nowMs = 1_000
  assert.equal(portions.take('ada', budget), undefined)
  portions.keep('ada', budget, taken)
  portions.drop('ada')
  assert.equal(portions.take('ada', budget), undefined)
})

test('who is refused is refused here for a quarter of a second, and told how long it is', () => {
  let nowMs = 0
  const portions = createPortions(() => nowMs)
  portions.keep('ada', budget, refused)
  nowMs = 249
  const { allowed, retryAfterMs, fullAfterMs } = portions.take('ada', budget) ?? {}
  assert.deepEqual([allowed, retryAfterMs, fullAfterMs], [false, 4_751, 5_751])
  nowMs = 250
  assert.equal(portions.take('ada', budget), undefined)
})

test('a hundredth is taken at once, one at least', () => {
  const portions = createPortions(() => 0)
  const sizes = [20, 199, 200, 2_000].map((most) => portions.sizeOf({ perSecond: most, most }))
  assert.deepEqual(sizes, [1, 1, 2, 20])
})
