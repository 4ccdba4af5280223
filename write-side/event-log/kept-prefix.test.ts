import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NewRecord } from './event-log.ts'
import { firstHash } from './fold.ts'
import { compareHistory } from './history.ts'
import { claim, commit, genesis, heartbeat, ledgerId, resume } from './ledger-records.fixture.ts'
import { appendTo, foldToEnd } from './log-reading.fixture.ts'
import { createMemoryStore, openMemoryLog } from './memory/event-log.ts'

const beginning = { epoch: 1, seq: 0, hash: firstHash(ledgerId, 0) }
const first = commit(beginning, 'first')

/** What was kept of a log, against another one. */
async function comparedWith(kept: readonly NewRecord[], now: readonly NewRecord[]) {
  const of = async (records: readonly NewRecord[]) => {
    const log = openMemoryLog(createMemoryStore())
    await log.prepare(1)
    await appendTo(log, 0, records)
    return log
  }
  const { state } = await foldToEnd(await of(kept), 0)
  const compared = await compareHistory(await of(now), state, new AbortController().signal)
  return compared.kind === 'stopped' ? compared.error.message : compared.kind
}

async function hashBehind(records: readonly NewRecord[]): Promise<string> {
  const log = openMemoryLog(createMemoryStore())
  await log.prepare(1)
  await appendTo(log, 0, records)
  return (await foldToEnd(log, 0)).state.hash
}

const begun = [genesis(), claim(1, 'one'), first]
const beats = (count: number, epoch = 1) => Array.from({ length: count }, () => heartbeat(epoch))

test('heartbeats that were lost and others in their place change nothing', async () => {
  assert.equal(await comparedWith([...begun, ...beats(2)], [...begun, ...beats(3)]), 'follows')
  const taken = [...begun, heartbeat(1), claim(2, 'two'), heartbeat(2)]
  assert.equal(await comparedWith(taken, [...taken, claim(3, 'three')]), 'follows')
})

test('a commit where nothing but heartbeats was read is not the log that was read', async () => {
  const second = commit({ epoch: 1, seq: 1, hash: await hashBehind(begun) }, 'second')
  const now = [...begun, second, heartbeat(1)]
  const reason = /what stands behind 0:1 .* is not the one that was read before/
  assert.match(await comparedWith([...begun, ...beats(2)], now), reason)
  assert.match(
    await comparedWith([...begun, heartbeat(1), claim(2, 'two')], [...now.slice(0, 4), claim(2, 'two')]),
    reason,
  )
})

test('whoever read heartbeats there folds anew what a person has accepted since', async () => {
  const second = commit({ epoch: 1, seq: 1, hash: await hashBehind(begun) }, 'second')
  const now = [...begun, second, claim(2, 'ops')]
  const accepted = resume({ epoch: 2, seq: 2, hash: await hashBehind(now) }, { epoch: 3, seq: 9 })
  assert.equal(await comparedWith([...begun, ...beats(2)], [...now, accepted]), 'resumed')
  const resumed = [...now, accepted, heartbeat(3), claim(4, 'four'), heartbeat(4)]
  assert.equal(await comparedWith(resumed, [...resumed, heartbeat(4)]), 'follows')
})

test('a reader that took a claim behind the resume for the next one of what it knew folds anew, too', async () => {
  const second = commit({ epoch: 1, seq: 1, hash: await hashBehind(begun) }, 'second')
  const cut = [...begun, claim(2, 'ops')]
  const now = [
    ...cut,
    resume({ epoch: 2, seq: 1, hash: await hashBehind(cut) }, { epoch: 3, seq: 9 }),
    claim(4, 'four'),
  ]
  assert.equal(await comparedWith([...begun, second, heartbeat(1), claim(4, 'four')], now), 'resumed')
})
