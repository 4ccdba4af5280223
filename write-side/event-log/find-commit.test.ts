import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Commit } from '@micropay/schemas/log/commit'
import fc from 'fast-check'
import type { EventLog, NewRecord } from './event-log.ts'
import { findCommit } from './find-commit.ts'
import { claim, commits, genesis, resume } from './ledger-records.fixture.ts'
import { appendTo, foldToEnd } from './log-reading.fixture.ts'
import { createMemoryStore, openMemoryLog } from './memory/event-log.ts'

const signal = new AbortController().signal

async function logOf(records: readonly NewRecord[]): Promise<EventLog> {
  const log = openMemoryLog(createMemoryStore())
  await log.prepare(1)
  await appendTo(log, 0, records)
  return log
}

/** Each commit that counts is found, and is the one that counts. */
async function checkEach(log: EventLog, every = 1): Promise<number> {
  const { folded, state: behind } = await foldToEnd(log, 0)
  const counted = folded.flatMap((each) => (each.kind === 'counted' ? [each.commit] : []))
  for (const commit of counted.filter((_, index) => index % every === 0)) {
    const found = await findCommit(log, { partition: 0, seq: commit.seq, behind }, signal)
    assert.deepEqual(found && [found.epoch, found.previousHash], [commit.epoch, commit.previousHash], `${commit.seq}`)
  }
  return counted.length
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

test('whatever deposed owners wrote behind others, the commit that counts is found', async () => {
  const owner = fc.record({ wrote: fc.nat({ max: 12 }), late: fc.nat({ max: 3 }), beats: fc.nat({ max: 5 }) })
  await fc.assert(
    fc.asyncProperty(fc.array(owner, { minLength: 1, maxLength: 8 }), async (owners) => {
      await checkEach(await taleOf(owners))
    }),
    { numRuns: 60 },
  )
})

test('in a long log it takes a few reads, across stretches without a commit', async () => {
  const log = await taleOf([
    { wrote: 900, late: 0, beats: 3_000 },
    { wrote: 700, late: 3, beats: 40 },
    { wrote: 1, late: 3, beats: 2_000 },
    { wrote: 800, late: 3, beats: 0 },
  ])
  let reads = 0
  const counting: EventLog = {
    ...log,
    read(...args) {
      reads += 1
      return log.read(...args)
    },
  }
  const count = await checkEach(counting, 97)
  assert.equal(count, 2_401)
  assert.ok(reads < 26 * 16, `${reads} reads`)
})

test('a position that no commit has is told from one that has', async () => {
  const log = await taleOf([{ wrote: 5, late: 0, beats: 0 }])
  const { state: behind } = await foldToEnd(log, 0)
  const found: (Commit | undefined)[] = []
  for (const seq of [0, 6, 5]) found.push(await findCommit(log, { partition: 0, seq, behind }, signal))
  assert.deepEqual(
    found.map((each) => each?.seq),
    [undefined, undefined, 5],
  )
})

test('positions that a resume has moved far above their offsets are found, and those in front of it', async () => {
  const log = await taleOf([{ wrote: 5, late: 0, beats: 3 }])
  const before = (await foldToEnd(log, 0)).state
  await appendTo(log, 0, [resume(before, { epoch: before.epoch + 1, seq: 900 })])
  const resumed = (await foldToEnd(log, 0)).state
  await appendTo(log, 0, commits(resumed, ['behind it', 'and again', 'and once more']))
  assert.equal(await checkEach(log), 8)
})

test('a commit that was forged at a position counts for nothing, however high its epoch', async () => {
  const log = await taleOf([
    { wrote: 5, late: 0, beats: 0 },
    { wrote: 3, late: 0, beats: 0 },
  ])
  const { state } = await foldToEnd(log, 0)
  const forged = (seq: number, epoch: number) => commits({ ...state, seq: seq - 1, epoch }, [`forged ${seq}`])
  await appendTo(log, 0, [...forged(5, 2), ...forged(2, 2), ...forged(8, 2), ...forged(3, 3)])
  const behind = { offset: await log.end(0), seq: state.seq, hash: state.hash }
  for (const seq of [1, 2, 3, 4, 5, 6, 7, 8]) {
    const found = await findCommit(log, { partition: 0, seq, behind }, signal)
    assert.doesNotMatch(String(found?.idempotencyKey), /forged/, String(seq))
  }
})

test('a commit that was changed is not taken for the one that counts', async () => {
  const log = await taleOf([{ wrote: 5, late: 0, beats: 0 }])
  const { state: behind } = await foldToEnd(log, 0)
  const changed: EventLog = {
    ...log,
    async *read(...args) {
      for await (const records of log.read(...args)) {
        yield records.map((record) => ({
          ...record,
          value: Buffer.from(String(Buffer.from(record.value)).replaceAll('"0:', '"1:')),
        }))
      }
    },
  }
  for (const seq of [3, 5]) {
    await assert.rejects(findCommit(changed, { partition: 0, seq, behind }, signal), { code: 'record_changed' })
  }
})

test('a commit that is gone is missed, one that a resume passed over is not', async () => {
  const log = await taleOf([{ wrote: 5, late: 0, beats: 0 }])
  const before = (await foldToEnd(log, 0)).state
  await appendTo(log, 0, commits({ ...before, hash: 'x'.repeat(43) }, ['given up']))
  await appendTo(log, 0, [resume(before, { epoch: before.epoch + 1, seq: 900 })])
  const { state: behind } = await foldToEnd(log, 0)
  const without: EventLog = {
    ...log,
    async *read(...args) {
      for await (const records of log.read(...args)) {
        yield records.filter(({ value }) => !String(Buffer.from(value)).includes('"seq":4,'))
      }
    },
  }
  await assert.rejects(findCommit(without, { partition: 0, seq: 4, behind }, signal), { code: 'log_truncated' })
  for (const seq of [6, 899, 900]) assert.equal(await findCommit(log, { partition: 0, seq, behind }, signal), undefined)
})

test('where it is known to begin near, little is read; where that is wrong it is found all the same', async () => {
  const log = await taleOf([{ wrote: 4_000, late: 0, beats: 0 }])
  const { folded, state: behind } = await foldToEnd(log, 0)
  const offsetOf = (seq: number) => folded.findIndex((each) => each.kind === 'counted' && each.commit.seq === seq)
  let records = 0
  const counting: EventLog = {
    ...log,
    async *read(...args) {
      for await (const batch of log.read(...args)) {
        records += batch.length
        yield batch
      }
    },
  }
  const near = { partition: 0, seq: 215, behind, from: BigInt(offsetOf(200)) }
  assert.equal((await findCommit(counting, near, signal))?.seq, 215)
  assert.ok(records <= 2_000, `${records} records`)
  assert.equal((await findCommit(log, { ...near, from: 3n }, signal))?.seq, 215)
})
