import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { appendResume } from './append-resume.ts'
import type { Appender, EventLog, NewRecord } from './event-log.ts'
import { firstHash } from './fold.ts'
import { claim, commit, genesis, ledgerId, ofAmount } from './ledger-records.fixture.ts'
import { appendTo, foldToEnd } from './log-reading.fixture.ts'
import { createMemoryStore, openMemoryLog } from './memory/event-log.ts'

/** A log to which a worker writes one of these just before each of our appends. */
function meeting(log: EventLog, worker: NewRecord[]): EventLog {
  const openAppender = async (partition: number): Promise<Appender> => {
    const appender = await log.openAppender(partition)
    const append: Appender['append'] = async (records) => {
      const first = worker.shift()
      if (first) await appender.append([first])
      return appender.append(records)
    }
    return { ...appender, append }
  }
  return { ...log, openAppender }
}

async function logOf(...records: NewRecord[]) {
  const log = openMemoryLog(createMemoryStore())
  await log.prepare(1)
  await appendTo(log, 0, records)
  return log
}

const options = {
  ...{ ledgerId, actor: 'ops', reason: 'a test', aboveSeq: 9, aboveEpoch: 1 },
  ...{ clock: systemClock, signal: new AbortController().signal },
}

test('a resume never goes on from before what a worker wrote that claimed meanwhile', async () => {
  const beginning = { epoch: 1, seq: 0, hash: firstHash(ledgerId, 0) }
  const log = await logOf(genesis(), claim(1, 'one'), commit(beginning, 'first'))
  const { state } = await foldToEnd(log, 0)
  const worker = [claim(2, 'two'), commit({ ...state, epoch: 2 }, 'second')]
  const resume = await appendResume(meeting(log, worker), 0, options)
  const { state: after } = await foldToEnd(log, 0)
  assert.deepEqual([resume.previousSeq, after.seq, after.claimId], [2, 10, resume.claimId])
})

test('a resume believes no number that no worker can have reached', async () => {
  const beginning = { epoch: 1, seq: 0, hash: firstHash(ledgerId, 0) }
  const far = [
    commit({ ...beginning, epoch: 9_000_000_000 }, 'far'),
    commit({ ...beginning, seq: 800_000_000_000 }, 'high'),
  ]
  const log = await logOf(genesis(), claim(1, 'one'), ...far)
  const resume = await appendResume(log, 0, options)
  assert.deepEqual([resume.seq, resume.epoch], [10, 3])
})

test('a resume gives up where somebody else has decided since the log was looked at', async () => {
  const log = await logOf(genesis(), claim(1, 'one'))
  const seenTo = await log.end(0)
  await appendResume(log, 0, { ...options, seenTo })
  const end = await log.end(0)
  await assert.rejects(appendResume(log, 0, { ...options, seenTo }), /somebody else has resumed meanwhile/)
  assert.equal(await log.end(0), end, 'it deposes nobody')
  assert.equal((await appendResume(log, 0, options)).previousSeq, 10)
})

test('of two resumes at once one counts, whatever comes first', async () => {
  const log = await logOf(genesis(), claim(1, 'one'))
  const asked = [appendResume(log, 0, options), appendResume(log, 0, options)]
  const ended = await Promise.allSettled(asked)
  const counted = ended.filter(({ status }) => status === 'fulfilled').length
  const { state, folded } = await foldToEnd(log, 0)
  assert.equal(folded.filter(({ kind }) => kind === 'resumed').length, counted)
  assert.deepEqual([counted, state.seq], [1, 10])
})

test('a resume in front of which the log is changed meanwhile has its epoch, and is told not to count', async () => {
  const store = createMemoryStore()
  const log = openMemoryLog(store)
  await log.prepare(1)
  const beginning = { epoch: 1, seq: 0, hash: firstHash(ledgerId, 0) }
  await appendTo(log, 0, [genesis(), claim(1, 'one'), commit(beginning, 'first')])
  let appends = 0
  const openAppender = async (partition: number): Promise<Appender> => {
    const appender = await log.openAppender(partition)
    const append: Appender['append'] = async (records) => {
      appends += 1
      const first = store.partitions[0]?.[2]
      if (appends === 2) store.partitions[0]?.splice(2, 1, ofAmount(first, '1050', '1090'))
      return appender.append(records)
    }
    return { ...appender, append }
  }
  await assert.rejects(appendResume({ ...log, openAppender }, 0, options), { code: 'append_unknown' })
  const { state } = await foldToEnd(log, 0)
  assert.deepEqual([state.epoch, state.seq, state.alarm?.reason], [3, 1, 'resume_mismatch'])
  const resumed = await appendResume(log, 0, options)
  assert.deepEqual([resumed.seq, resumed.previousSeq], [11, 1])
})

test('a resume climbs within the reach of all that is known, though a record names an epoch far above', async () => {
  const beginning = { epoch: 1_890, seq: 0, hash: firstHash(ledgerId, 0) }
  const log = await logOf(genesis(), claim(900, 'one'), commit(beginning, 'far'))
  const kept = { ...(await foldToEnd(log, 0)).state, epoch: 2 }
  await appendResume(log, 0, { ...options, aboveEpoch: 900, lowestEpoch: 2 })
  const { state, folded } = await foldToEnd(log, 0, kept)
  assert.deepEqual([folded.map(({ kind }) => kind).join(' '), state.epoch], ['claimed claimed resumed', 1_892])
})
