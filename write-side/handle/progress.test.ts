import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHandClock } from '@micropay/runtime/hand-clock.fixture'
import { createProgress } from './progress.ts'

test('what changes gets on, and what stands still does not from its time on, until it changes', () => {
  const clock = createHandClock()
  const getsOn = createProgress(clock, 10_000)
  assert.equal(getsOn(undefined), true)
  clock.advance(9_999)
  assert.equal(getsOn(undefined), true)
  clock.advance(1)
  assert.equal(getsOn(undefined), false)
  assert.equal(getsOn(5n), true)
  clock.advance(10_000)
  assert.equal(getsOn(5n), false)
  assert.equal(getsOn(6n), true)
})
