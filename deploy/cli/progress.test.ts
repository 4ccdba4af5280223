import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { counted, progressText, showProgress } from './progress.ts'

test('a rate is told only after half a second, when it means something', () => {
  let nowMs = 1_000
  const clock = { ...systemClock, monotonicMs: () => nowMs }
  const lines: string[] = []
  const progress = showProgress({ write: (line) => lines.push(line) }, 'partition 0', 4_000, clock)
  nowMs += 1
  progress.advance(2_000)
  nowMs += 498
  progress.end()
  nowMs += 1
  progress.end()
  assert.deepEqual(lines, [
    'partition 0  50 %  2,000 of 4,000\n',
    'partition 0  50 %  2,000 of 4,000\n',
    'partition 0  50 %  2,000 of 4,000  4,000/s\n',
  ])
})

test('a note stands behind the counts, with a rate or without one', () => {
  const state = { title: 'payments', done: 1, total: 4, note: 'waiting: busy' }
  assert.equal(progressText({ ...state, rate: undefined }, false), 'payments  25 %  1 of 4  waiting: busy')
  assert.equal(progressText({ ...state, rate: 7 }, false), 'payments  25 %  1 of 4  7/s  waiting: busy')
})

test('one of a kind is named in the singular', () => {
  assert.equal(counted(1, 'claim'), '1 claim')
  assert.equal(counted(0, 'claim'), '0 claims')
  assert.equal(counted(1_200, 'commit'), '1,200 commits')
})
