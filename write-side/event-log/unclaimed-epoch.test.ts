import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NewRecord } from './event-log.ts'
import { foldRecord, MAX_EPOCH_STEP } from './fold.ts'
import { type FoldState, initialFold } from './fold-state.ts'
import { claim, commit, genesis, heartbeat, resume } from './ledger-records.fixture.ts'

const fold = (state: FoldState, record: NewRecord) => foldRecord(state, { ...record, offset: state.offset })
const reasonOf = (state: FoldState, record: NewRecord) => {
  const folded = fold(state, record)
  return folded.kind === 'void' ? folded.reason : folded.kind
}
const owned = [genesis(), claim(1, 'zoe'), claim(3, 'ada')].reduce(
  (state, record) => fold(state, record).state,
  initialFold(0),
)
const raised = fold(owned, claim(7, 'ada')).state

test('what is of an epoch that the claim that stands has skipped is an alarm: that claim was changed', () => {
  for (const epoch of [4, 6]) {
    const folded = fold(raised, commit({ ...raised, epoch }, 'its owner'))
    assert.deepEqual(folded.state.alarm, { reason: 'epoch_never_claimed', seq: 1, offset: raised.offset })
    assert.equal(reasonOf(raised, heartbeat(epoch)), 'epoch_never_claimed')
  }
})

test('what a deposed owner wrote late is void, and no alarm', () => {
  assert.equal(reasonOf(raised, commit({ ...raised, epoch: 3 }, 'late')), 'stale_epoch')
  assert.equal(reasonOf(raised, commit({ ...raised, epoch: 1 }, 'late')), 'stale_epoch')
  assert.equal(reasonOf(raised, heartbeat(3)), 'heartbeat')
})

test('so is what an owner of the part that was lost writes after a resume that went above it', () => {
  const resumed = fold(raised, resume(raised, { epoch: 8, seq: 900 })).state
  assert.equal(reasonOf(resumed, commit({ ...resumed, epoch: 5 }, 'lost')), 'stale_epoch')
})

test('a resume that came too late is void, and an alarm where its writer never claimed: that claim was changed', () => {
  for (const [epoch, reason] of [
    [4, 'stale_claim'],
    [5, 'epoch_never_claimed'],
    [7, 'epoch_never_claimed'],
  ] as const) {
    assert.equal(reasonOf(raised, resume(raised, { epoch, seq: 900 })), reason)
  }
  const deposed = fold(fold(raised, claim(8, 'ops')).state, claim(9, 'ada')).state
  assert.equal(reasonOf(deposed, resume(deposed, { epoch: 9, seq: 900 })), 'stale_claim')
})

test('a claim or resume more than the largest step ahead is void and an alarm: no writer goes so far', () => {
  const epoch = raised.epoch + MAX_EPOCH_STEP + 1
  for (const [seq, record] of [
    [null, claim(epoch, 'ben')],
    [900, resume(raised, { epoch, seq: 900 })],
  ] as const) {
    const folded = fold(raised, record)
    assert.ok(folded.kind === 'void')
    assert.deepEqual(folded.named, { epoch, seq })
    const alarm = { reason: 'epoch_never_claimed', seq, offset: raised.offset }
    assert.deepEqual(folded.state, { ...raised, offset: raised.offset + 1n, voids: 1, alarm })
  }
  assert.equal(reasonOf(raised, claim(epoch - 1, 'ben')), 'claimed')
})
