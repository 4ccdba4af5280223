import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from './clock.ts'

test('each id is 128 bits of its own, however many are asked for', () => {
  const ids = Array.from({ length: 1_000 }, () => systemClock.randomId())
  assert.equal(new Set(ids).size, ids.length)
  for (const id of ids) assert.equal(Buffer.from(id, 'base64url').byteLength, 16)
})
