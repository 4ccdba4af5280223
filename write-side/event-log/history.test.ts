import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NewRecord } from './event-log.ts'
import { initialFold } from './fold-state.ts'
import { compareHistory } from './history.ts'
import { claim, commit, commits, genesis, ofAmount, resume } from './ledger-records.fixture.ts'
import { appendTo, foldToEnd } from './log-reading.fixture.ts'
import { createMemoryStore, openMemoryLog } from './memory/event-log.ts'

async function logOf(...records: NewRecord[]) {
  const log = openMemoryLog(createMemoryStore())
  await log.prepare(1)
  if (records.length > 0) await appendTo(log, 0, records)
  return log
}

const { signal } = new AbortController()
const begun = [genesis(), claim(1, 'ada')]

/** A log of three commits, and the fold of all of it. */
async function read() {
  const before = (await foldToEnd(await logOf(...begun), 0)).state
  const records = [...begun, ...commits(before, ['one', 'two', 'three'])]
  return { records, kept: (await foldToEnd(await logOf(...records), 0)).state }
}

async function told(records: readonly NewRecord[], kept: Awaited<ReturnType<typeof read>>['kept']) {
  const compared = await compareHistory(await logOf(...records), kept, signal)
  return compared.kind === 'stopped' ? compared.error.code : compared.kind
}

test('a log that leads to what was read of it is followed, and so is any by who has read nothing', async () => {
  const { records, kept } = await read()
  assert.equal(await told(records, kept), 'follows')
  assert.equal(await told([...records, claim(2, 'ben')], kept), 'follows')
  assert.equal(await told([], initialFold(0)), 'follows')
})

test('what was read is ahead of the log, or the log is empty: it was cut or lost, and the reader stops', async () => {
  const { records, kept } = await read()
  assert.equal(await told(records.slice(0, -1), kept), 'log_truncated')
  assert.equal(await told([], kept), 'log_empty')
})

test('another last commit, another claim or another ledger at its place is a changed record', async () => {
  const { records, kept } = await read()
  const before = (await foldToEnd(await logOf(...records.slice(0, -1)), 0)).state
  assert.equal(await told([...records.slice(0, -1), commit(before, 'another')], kept), 'record_changed')
  assert.equal(await told([genesis(), claim(1, 'ben'), ...records.slice(2)], kept), 'record_changed')
  const { state: claimed } = await foldToEnd(await logOf(...begun), 0)
  assert.equal(await told([genesis(), claim(1, 'ben')], claimed), 'record_changed')
})

test('the first record that is evidence is the one that is told, whatever follows it', async () => {
  const { records, kept } = await read()
  const broken = commit({ ...kept, seq: 7 }, 'broken')
  const { state } = await foldToEnd(await logOf(...records, broken, { key: '', value: new Uint8Array() }), 0)
  assert.deepEqual(state.alarm, { reason: 'chain_broken', seq: 8, offset: 5n })
  assert.equal(await told([...records, broken, { key: '', value: new Uint8Array() }], state), 'chain_broken')
})

test('behind a resume that does not follow a further one counts: who kept another past folds anew', async () => {
  const { records, kept } = await read()
  const accepted = resume(kept, { epoch: 2, seq: 90 })
  const behind = [accepted, claim(3, 'ben')]
  const { state: whole } = await foldToEnd(await logOf(...records, ...behind), 0)
  const now = [...records.with(2, ofAmount(records[2], '1050', '1090')), ...behind]
  assert.equal(await told(now, whole), 'follows', 'it cannot see that')
  const { state: anew } = await foldToEnd(await logOf(...now), 0)
  assert.deepEqual([anew.seq, anew.epoch, anew.alarm?.reason], [1, 3, 'chain_broken'])
  assert.equal(await told(now, { ...anew, alarm: undefined }), 'follows', 'nobody has accepted that')

  const further = [...now, claim(4, 'ops'), resume(anew, { epoch: 5, seq: 200 })]
  assert.equal(await told(further, kept), 'resumed')
  assert.equal(await told(further, whole), 'resumed')
  for (let until = 1; until <= further.length; until += 1) {
    const { state } = await foldToEnd(await logOf(...further.slice(0, until)), 0)
    assert.equal(await told(further, state), 'follows', `whoever folds anew, and has come to ${until}`)
  }
  const { state } = await foldToEnd(await logOf(...further), 0)
  assert.deepEqual([state.seq, state.alarm], [200, undefined])
})

test('what was kept behind an alarm is folded anew, too, where the resume goes on from another past', async () => {
  const { records, kept } = await read()
  const broken = commit({ ...kept, seq: 7 }, 'broken')
  const { state: alarmed } = await foldToEnd(await logOf(...records, broken), 0)
  const now = [...records.with(2, ofAmount(records[2], '1050', '1090')), broken]
  const { state: anew } = await foldToEnd(await logOf(...now), 0)
  assert.equal(await told(now, alarmed), 'chain_broken')
  assert.equal(await told([...now, resume(anew, { epoch: 2, seq: 90 })], alarmed), 'resumed')
})

test('a resume is found however it is written, and one that is not above what was kept accepts nothing', async () => {
  const { records, kept } = await read()
  const { state: before } = await foldToEnd(await logOf(...records.slice(0, -1)), 0)
  const cut = (by: NewRecord) => [...records.slice(0, -1), by]
  const accepted = resume(before, { epoch: 2, seq: 90 })
  assert.equal(await told(cut(accepted), kept), 'resumed')
  const escaped = Buffer.from(accepted.value).toString().replace('micropay.resume', 'micropay.r\\u0065sume')
  assert.equal(await told(cut({ ...accepted, value: Buffer.from(escaped) }), kept), 'resumed')
  assert.equal(await told(cut(resume(before, { epoch: 2, seq: 3 })), kept), 'record_changed')
})
