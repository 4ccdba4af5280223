import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { EventLog, LogRecord, NewRecord } from './event-log.ts'
import { isEvidence } from './evidence.ts'
import { createMarker, findCommit, stretchBetween } from './find-commit.ts'
import { type FoldState, initialFold } from './fold-state.ts'
import { claim, commits, genesis, resume } from './ledger-records.fixture.ts'
import { appendTo, foldToEnd, readRecords } from './log-reading.fixture.ts'
import { createMemoryStore, openMemoryLog } from './memory/event-log.ts'

const signal = new AbortController().signal

async function logOf(records: readonly NewRecord[]): Promise<EventLog> {
  const log = openMemoryLog(createMemoryStore())
  await log.prepare(1)
  await appendTo(log, 0, records)
  return log
}

/** Each commit that counts is found, from wherever it is looked for. */
async function checkEach(log: EventLog, random: (below: number) => number): Promise<number> {
  const { folded } = await foldToEnd(log, 0)
  const folds = [initialFold(0), ...folded.map(({ state }) => state)]
  let counted = 0
  for (const [index, each] of folded.entries()) {
    if (each.kind !== 'counted') continue
    counted += 1
    const { commit } = each
    const from = folds[random(index + 1)] ?? initialFold(0)
    const until = folds[index + 1 + random(folds.length - index - 1)] ?? each.state
    assert.deepEqual(await findCommit(log, { seq: commit.seq, from, until }, signal), commit, `${commit.seq}`)
  }
  return counted
}

/** Owners one after the other, each of whom a deposed one writes behind, from where it last stood. */
async function taleOf(owners: readonly { readonly wrote: number; readonly late: number; readonly beats: number }[]) {
  const log = await logOf([genesis()])
  for (const [index, { wrote, late, beats }] of owners.entries()) {
    const before = (await foldToEnd(log, 0)).state
    await appendTo(log, 0, [claim(index + 1, `owner-${index}`)])
    const { state } = await foldToEnd(log, 0)
    const references = Array.from({ length: wrote }, (_, each) => `${index}:${each}`)
    if (wrote > 0) await appendTo(log, 0, commits(state, references))
    const zombie = Array.from({ length: late }, (_, each) => `late ${index}:${each}`)
    if (late > 0 && before.epoch > 0) await appendTo(log, 0, commits(before, zombie))
    if (beats > 0)
      await appendTo(
        log,
        0,
        Array.from({ length: beats }, () => claim(1, 'nobody')),
      )
  }
  return log
}

test('whatever deposed owners wrote behind others, the commit that counts is found between any two folds', async () => {
  const owner = fc.record({ wrote: fc.nat({ max: 12 }), late: fc.nat({ max: 3 }), beats: fc.nat({ max: 5 }) })
  await fc.assert(
    fc.asyncProperty(
      fc.array(owner, { minLength: 1, maxLength: 8 }),
      fc.infiniteStream(fc.nat()),
      async (owners, chances) => {
        const random = (below: number) => chances.next().value % below
        await checkEach(await taleOf(owners), random)
      },
    ),
    { numRuns: 60 },
  )
})

/** The folds that are kept of a log, and all that it was folded to. */
async function keptOf(log: EventLog) {
  const { folded, state } = await foldToEnd(log, 0)
  const records = await readRecords(log, 0, 0n, Number(state.offset))
  const marker = createMarker()
  const marks: FoldState[] = []
  let before = initialFold(0)
  for (const [index, each] of folded.entries()) {
    if (each.kind === 'counted') {
      marks.push(...marker.take(before, each.state, records[index]?.value.byteLength ?? 0))
    }
    before = each.state
  }
  return { folded, state, marks }
}

test('each commit is found between the folds that are kept, by reading few records', async () => {
  const owner = fc.record({ wrote: fc.nat({ max: 70 }), late: fc.nat({ max: 3 }), beats: fc.nat({ max: 90 }) })
  await fc.assert(
    fc.asyncProperty(fc.array(owner, { minLength: 1, maxLength: 5 }), async (tale) => {
      const log = await taleOf(tale)
      const { folded, state, marks } = await keptOf(log)
      assert.equal(new Set(marks.map(({ seq }) => seq)).size, marks.length)
      for (const each of folded) {
        if (each.kind !== 'counted') continue
        const { commit } = each
        const before = marks.findLast(({ seq }) => seq < commit.seq) ?? initialFold(0)
        const behind = marks.find(({ seq }) => seq >= commit.seq) ?? state
        const stretch = stretchBetween(commit.seq, before, behind)
        assert.deepEqual(await findCommit(log, stretch, signal), commit, `${commit.seq}`)
        assert.ok(stretch.until.offset - stretch.from.offset < 200n, `${stretch.until.offset - stretch.from.offset}`)
      }
    }),
    { numRuns: 40 },
  )
})

test('a long stretch that a deposed owner wrote hides nothing', async () => {
  const log = await taleOf([
    { wrote: 40, late: 0, beats: 0 },
    { wrote: 1, late: 1_500, beats: 0 },
    { wrote: 5, late: 0, beats: 0 },
  ])
  assert.equal(await checkEach(log, () => 0), 46)
})

test('no more is read than lies between the two folds', async () => {
  const log = await taleOf([{ wrote: 4_000, late: 0, beats: 0 }])
  const { folded } = await foldToEnd(log, 0)
  const states = folded.map(({ state }) => state)
  const at = (seq: number) => states.find((state) => state.seq === seq) ?? initialFold(0)
  const offsets: bigint[] = []
  const watched = changedLog(log, (records) => {
    offsets.push(...records.map(({ offset }) => offset))
    return records
  })
  await findCommit(watched, { seq: 215, from: at(192), until: at(224) }, signal)
  assert.deepEqual([offsets[0], offsets.length], [at(192).offset, 32])
})

test('positions that a resume moved far above their offsets are found, those that it passed over are not', async () => {
  const log = await taleOf([{ wrote: 5, late: 0, beats: 3 }])
  const before = (await foldToEnd(log, 0)).state
  await appendTo(log, 0, commits({ ...before, hash: 'x'.repeat(43) }, ['given up']))
  await appendTo(log, 0, [resume(before, { epoch: before.epoch + 1, seq: 900 })])
  const resumed = (await foldToEnd(log, 0)).state
  await appendTo(log, 0, commits(resumed, ['behind it', 'and again', 'and once more']))
  assert.equal(await checkEach(log, () => 0), 8)
  const { state: until } = await foldToEnd(log, 0)
  for (const seq of [6, 899, 900]) {
    assert.equal(await findCommit(log, { seq, from: initialFold(0), until }, signal), undefined, String(seq))
  }
})

test('a log in which a record between the two folds was changed, or is gone, is evidence', async () => {
  const log = await taleOf([{ wrote: 5, late: 0, beats: 0 }])
  const { state: until } = await foldToEnd(log, 0)
  const textOf = ({ value }: LogRecord) => String(Buffer.from(value))
  for (const seq of [3, 5]) {
    const change = (record: LogRecord) => ({
      ...record,
      value: Buffer.from(textOf(record).replaceAll(`"0:${seq - 1}`, `"1:${seq - 1}`)),
    })
    const changed = changedLog(log, (records) => records.map(change))
    const gone = changedLog(log, (records) => records.filter((record) => !textOf(record).includes('"seq":3,')))
    const stretch = { seq, from: initialFold(0), until }
    await assert.rejects(findCommit(changed, stretch, signal), { code: 'record_changed' })
    await assert.rejects(findCommit(gone, stretch, signal), (error: unknown) => isEvidence(error))
    const shorter = await taleOf([{ wrote: 3, late: 0, beats: 0 }])
    await assert.rejects(findCommit(shorter, stretch, signal), { code: 'log_truncated' })
  }
})

/** The log, as readers see it whom `change` stands in between. */
function changedLog(log: EventLog, change: (records: readonly LogRecord[]) => readonly LogRecord[]): EventLog {
  return {
    ...log,
    async *read(...args) {
      for await (const records of log.read(...args)) yield change(records)
    },
  }
}
