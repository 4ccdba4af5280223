import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { openInProcessMemory } from '../share/in-process/in-process-memory.ts'
import { SharedMemoryAwayError } from '../share/shared-memory.ts'
import { rememberProofs } from './remember-proofs.ts'

let nowMs = 0
const clock = { ...systemClock, nowMs: () => nowMs }

test('a proof is new once, until it is too old to come again', async () => {
  nowMs = 0
  const isNew = rememberProofs(clock)
  assert.equal(await isNew('one', 70_000), true)
  assert.equal(await isNew('one', 70_000), false)
  assert.equal(await isNew('two', 70_000), true)
  nowMs = 70_000
  assert.equal(await isNew('one', 70_000), false)
  nowMs = 70_001
  assert.equal(await isNew('one', 140_000), true)
})

test('when no more can be remembered, callers are sent away until old ones are forgotten', async () => {
  nowMs = 0
  const isNew = rememberProofs(clock, undefined, 2)
  assert.equal(await isNew('one', 1_000), true)
  assert.equal(await isNew('two', 2_000), true)
  await assert.rejects(isNew('three', 3_000), { code: 'overloaded' })
  assert.equal(await isNew('one', 1_000), false)
  nowMs = 1_001
  assert.equal(await isNew('three', 3_000), true)
  assert.equal(await isNew('two', 2_000), false)
})

test('a proof that was used at one gateway is used at all, as long as they share a memory', async () => {
  const memory = openInProcessMemory(systemClock)
  const untilMs = Date.now() + 70_000
  const [first, second] = [rememberProofs(systemClock, memory), rememberProofs(systemClock, memory)]
  assert.deepEqual([await first('one', untilMs), await second('one', untilMs)], [true, false])
  assert.equal(await second('two', untilMs), true)
  const away = { add: () => Promise.reject(new SharedMemoryAwayError('away')) }
  const alone = rememberProofs(systemClock, away)
  assert.deepEqual([await alone('one', untilMs), await alone('one', untilMs)], [true, false])
})
