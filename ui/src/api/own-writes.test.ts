import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rememberOwnWrites } from './own-writes.ts'

test('reads wait for the furthest command of each partition', () => {
  const writes = rememberOwnWrites(() => 0)
  assert.equal(writes.atLeast(), undefined)
  writes.note('0:12')
  writes.note('3:4')
  writes.note('0:9')
  assert.equal(writes.atLeast(), '0:12,3:4')
})

test('after a minute a read no longer waits', () => {
  let nowMs = 0
  const writes = rememberOwnWrites(() => nowMs)
  writes.note('0:12')
  nowMs = 59_999
  assert.equal(writes.atLeast(), '0:12')
  nowMs = 60_000
  assert.equal(writes.atLeast(), undefined)
})

test('what is forgotten is not waited for', () => {
  const writes = rememberOwnWrites(() => 0)
  writes.note('0:12')
  writes.forget()
  assert.equal(writes.atLeast(), undefined)
  writes.note('0:3')
  assert.equal(writes.atLeast(), '0:3')
})

test('no position and a malformed one change nothing', () => {
  const writes = rememberOwnWrites(() => 0)
  writes.note(null)
  writes.note('tomorrow')
  assert.equal(writes.atLeast(), undefined)
})
