import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import type { EventLog, NewRecord } from './event-log.ts'
import { firstHash } from './fold.ts'
import { type FoldState, readFold, storeFold } from './fold-state.ts'
import { compareHistory } from './history.ts'
import { changed, claim, commit, genesis, heartbeat, ledgerId, resume } from './ledger-records.fixture.ts'
import { appendTo, foldToEnd } from './log-reading.fixture.ts'
import { createMemoryStore, openMemoryLog } from './memory/event-log.ts'

const beginning = { epoch: 1, seq: 0, hash: firstHash(ledgerId, 0) }
const first = commit(beginning, 'first')

async function logOf(records: readonly NewRecord[]): Promise<EventLog> {
  const log = openMemoryLog(createMemoryStore())
  await log.prepare(1)
  await appendTo(log, 0, records)
  return log
}

const foldOf = async (records: readonly NewRecord[]) => (await foldToEnd(await logOf(records), 0)).state
const hashBehind = async (records: readonly NewRecord[]) => (await foldOf(records)).hash

/** What was kept of a log, against another one. */
async function comparedWith(kept: readonly NewRecord[], now: readonly NewRecord[]) {
  return compared(await foldOf(kept), now)
}

async function compared(kept: FoldState, now: readonly NewRecord[]): Promise<string> {
  const found = await compareHistory(await logOf(now), kept, new AbortController().signal)
  return found.kind === 'stopped' ? `${found.error.code}: ${found.error.message}` : found.kind
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

test('a claim in another epoch is not the one that was read, though nothing counts behind it', async () => {
  const reason = /record_changed: what stands behind 0:[01] /
  const two = claim(2, 'two')
  assert.match(await comparedWith([...begun, two], [...begun, changed(two, '"epoch":2', '"epoch":3')]), reason)
  const begins = [genesis(), claim(1, 'one')]
  assert.match(await comparedWith(begins, begins.with(1, changed(begins[1], '"epoch":1', '"epoch":7'))), reason)
})

test('nor is one whose epoch no longer takes over, though a later claim stands', async () => {
  const kept = [...begun, claim(2, 'two'), claim(3, 'three')]
  const now = kept.with(3, changed(kept[3], '"epoch":2', '"epoch":1'))
  assert.match(await comparedWith(kept, now), /record_changed: what stands behind 0:1 /)
})

test('who cannot reach the claim of a resume, for a claim before it was changed, folds anew', async () => {
  const second = commit({ epoch: 2, seq: 1, hash: await hashBehind(begun) }, 'second')
  const kept = [...begun, claim(2, 'two'), second]
  const now = [...kept.with(1, changed(kept[1], '"epoch":1', '"epoch":900')), claim(1_800, 'ops')]
  const accepted = resume({ epoch: 1_800, seq: 0, hash: firstHash(ledgerId, 0) }, { epoch: 1_801, seq: 9 })
  assert.equal(await comparedWith(kept, [...now, accepted]), 'resumed')
})

test('what newer code kept stops this one as its claim does, until a person says that there was none', async () => {
  const newer = [...begun, claim(2, 'two', 0, EVENT_GENERATION + 1)]
  const kept = { ...(await foldOf(newer)), alarm: undefined }
  assert.match(await compared(kept, newer), /^unknown_generation: a claim of newer code .* after 0:1 \(offset 3 /)
  const accepted = [...newer, claim(3, 'ops')]
  const resumed = [...accepted, resume(await foldOf(accepted), { epoch: 4, seq: 9 })]
  assert.equal(await compared(kept, resumed), 'follows')
})

test('what earlier code kept without the epoch before a claim is folded anew', async () => {
  const kept = [genesis(), claim(1, 'one'), first, claim(5, 'five')]
  const { epochBefore: _, ...stored } = storeFold(await foldOf(kept))
  assert.equal(await compared(readFold(stored), [...kept, heartbeat(5)]), 'follows')
})
