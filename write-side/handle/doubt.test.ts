import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CommandResult } from './command.ts'
import { createDoubt, type OpenDraft, STUCK_MS } from './doubt.ts'
import { paying } from './owner.fixture.ts'
import { summary } from './partition-owner.contract.ts'
import { notOwner, unknownOutcome } from './refusals.ts'

/** A draft of the first epoch, and what its caller is told: `settled` when its key is free, too. */
function draftOf(hash: string) {
  const told: string[] = []
  const answer = (kind: string) => (result: CommandResult) => void told.push(`${kind} ${summary(result)}`)
  const request = paying(hash, 'ada', 'ben', '1')
  const rejection = { code: 'account_not_found' as const, detail: 'there is no such account' }
  const entry = { request, since: 0, drafted: true, settle: answer('settled'), tell: answer('told') }
  const decidedAt = '2026-01-01T00:00:00.000Z'
  const key = { scopedKey: hash, entry: { requestHash: request.requestHash, seq: 1, decidedAt, rejection } }
  const change = { key, answered: [], stepped: [], decidedAt, puts: [] }
  const draft: OpenDraft = {
    entry,
    record: { key: 'ada', value: new Uint8Array() },
    epoch: 1,
    hash,
    change,
    payments: [],
  }
  return { draft, told }
}

test('a claim of its own epoch leaves a draft in doubt, a higher one makes it void for ever', () => {
  const doubt = createDoubt(0)
  const { draft, told } = draftOf('one')
  doubt.add(draft, 0)
  doubt.settleBelow(1, notOwner('another worker has it'))
  assert.deepEqual([told, doubt.size()], [[], 1])
  doubt.settleBelow(2, notOwner('another worker has it'))
  doubt.counted('one', draft.change)
  assert.deepEqual([told, doubt.size()], [['settled refused not_owner'], 0])
})

test('a draft is answered when its own record counts, and no other, once it may be told', () => {
  const doubt = createDoubt(0)
  const { draft, told } = draftOf('one')
  doubt.add(draft, 0)
  doubt.counted('another', draft.change)
  doubt.tellCounted()
  assert.deepEqual([told, doubt.hasCounted()], [[], false])
  doubt.counted('one', draft.change)
  assert.deepEqual([told, doubt.hasCounted(), doubt.size()], [[], true, 1])
  doubt.tellCounted()
  assert.deepEqual([told, doubt.size()], [['settled rejected 1 account_not_found'], 0])
})

test('what was counted and not told is void for nobody, until the state that counted it is given up', () => {
  const doubt = createDoubt(0)
  const { draft, told } = draftOf('one')
  doubt.add(draft, 0)
  doubt.counted('one', draft.change)
  doubt.settleBelow(2, notOwner('another worker has it'))
  assert.deepEqual([told, doubt.takeVoid()], [[], []])
  doubt.forgetCounted()
  doubt.tellCounted()
  assert.deepEqual([told, doubt.takeVoid()], [[], [draft.entry]])
})

test('what is given up frees no key: whether it counts stays unknown', () => {
  const doubt = createDoubt(0)
  const { draft, told } = draftOf('one')
  doubt.add(draft, 0)
  doubt.giveUp(unknownOutcome)
  assert.deepEqual(told, ['told refused outcome_unknown'])
})

test('what is in doubt is stuck after 5 s without an answer, and never while appends follow each other', () => {
  const doubt = createDoubt(0)
  const [first, second] = [draftOf('one'), draftOf('two')]
  doubt.add(first.draft, 1_000)
  assert.deepEqual([doubt.stuck(1_000), doubt.stuck(1_000 + STUCK_MS)], [0, 0])
  doubt.counted('one', first.draft.change)
  doubt.tellCounted()
  assert.equal(doubt.stuck(60_000), 0)
  doubt.add(second.draft, 60_000)
  assert.deepEqual([doubt.stuck(60_000), doubt.stuck(60_000 + STUCK_MS), doubt.stuck(60_001 + STUCK_MS)], [0, 0, 1])
  doubt.giveUp(unknownOutcome)
  assert.equal(doubt.stuck(60_001 + STUCK_MS), 0)
})
