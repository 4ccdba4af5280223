import assert from 'node:assert/strict'
import { test } from 'node:test'
import { breathing } from './breathing.ts'

test('others have a turn once 5 ms have passed since their last one, and not before', async () => {
  let nowMs = 0
  let turns = 0
  const turn = async () => {
    turns += 1
    // What the others did took its time, which is not this work's.
    nowMs += 100
  }
  const breath = breathing({ monotonicMs: () => nowMs, turn })
  assert.equal(breath(), undefined)
  nowMs = 4.9
  assert.equal(breath(), undefined)
  nowMs = 5
  await breath()
  assert.equal(turns, 1)
  nowMs += 4.9
  assert.equal(breath(), undefined)
  nowMs += 0.1
  await breath()
  assert.equal(turns, 2)
})
