import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appendResume } from '@micropay/event-log/append-resume'
import type { EventLog, NewRecord } from '@micropay/event-log/event-log'
import { type FoldState, initialFold } from '@micropay/event-log/fold-state'
import { HistoryError } from '@micropay/event-log/history'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { appendTo, foldToEnd } from '@micropay/event-log/log-reading.fixture'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { followHistory, openHistory, SupersededError } from './check-history.ts'

const { signal } = new AbortController()

async function logOf(...records: readonly NewRecord[]) {
  const store = createMemoryStore()
  const log = openMemoryLog(store)
  await log.prepare(1)
  await appendTo(log, 0, records)
  const replaceFrom = async (offset: number, ...others: readonly NewRecord[]) => {
    store.partitions[0]?.splice(offset)
    await appendTo(log, 0, others)
  }
  return { log, replaceFrom }
}

const sourceOf = (log: EventLog) => ({
  ...{ log, schema: 'the read model', partitions: 1, logger: createLogger('test', 'silent') },
})

/** Follows from a fold to the log's end, `meanwhile` once it has been compared, and answers the fold there. */
async function follow(log: EventLog, from: FoldState, meanwhile = async () => {}, maxRecords = 10): Promise<FoldState> {
  const source = sourceOf(log)
  const history = await openHistory(source, from, signal)
  await meanwhile()
  const until = await log.end(0)
  let state = from
  for await (const batch of followHistory(source, history, { signal, maxRecords, until })) state = batch.state
  return state
}

test('a claim that follows what is not there any more is not followed', async () => {
  const ledger = createLedger()
  const { log, replaceFrom } = await logOf(ledger.genesis(), ledger.claim(), ledger.open('cash'), ledger.open('ada'))
  const { state } = await foldToEnd(log, 0)
  await assert.rejects(
    follow(log, state, () => replaceFrom(3, ledger.heartbeat(), ledger.claim())),
    HistoryError,
  )
})

test('nor is what stands behind a long run of records that do not count, and is not what it was', async () => {
  const ledger = createLedger()
  const begun = [ledger.genesis(), ledger.claim()]
  const first = ledger.open('cash')
  const voids = Array.from({ length: 1_000 }, () => first)
  const { log, replaceFrom } = await logOf(...begun, first, ...voids)
  const { state } = await foldToEnd(log, 0)
  const other = ledger.open('ada')
  const regrown = () => replaceFrom(3, other, ...voids.slice(1), ...voids, ...voids)
  await assert.rejects(follow(log, state, regrown), /what stands behind 0:1 .* is not the one that was read before/)
})

test('a resume from another past ends it at once: the version is to be built anew', async () => {
  const ledger = createLedger()
  const begun = [ledger.genesis(), ledger.claim(), ledger.open('cash'), ledger.open('ada')]
  const { log, replaceFrom } = await logOf(...begun)
  const { state } = await foldToEnd(log, 0)
  const regrow = async () => {
    // Its last record stands where it stood, and the one before it is another one.
    await replaceFrom(2, ...[createLedger().heartbeat(), ledger.open('ada')])
    await replaceFrom(3, begun[3] as NewRecord)
    const { seq: aboveSeq, epoch: aboveEpoch } = state
    const decided = { ledgerId: 'test-ledger', actor: 'sam', reason: 'a disk was lost', clock: systemClock }
    await appendResume(log, 0, { ...decided, aboveSeq, aboveEpoch, signal })
  }
  await assert.rejects(follow(log, state, regrow), SupersededError)
})

test('to follow a log reads each record a few times, however many of them do not count', async () => {
  const ledger = createLedger()
  const begun = [ledger.genesis(), ledger.claim(), ledger.open('cash')]
  const [first] = begun.slice(-1)
  assert.ok(first)
  const scattered = Array.from({ length: 500 }, () => [ledger.freeze('cash'), ledger.unfreeze('cash'), first]).flat()
  const run = Array.from({ length: 4_000 }, () => first)
  const claims = Array.from({ length: 500 }, () => [ledger.heartbeat(), ledger.claim(), ledger.heartbeat()]).flat()
  for (const rest of [scattered, run, claims]) {
    const { log } = await logOf(...begun, ...rest)
    const { counting, read } = countReads(log)
    const state = await follow(counting, initialFold(0), undefined, 100)
    assert.equal(state.offset, await log.end(0))
    assert.ok(read() < 5 * Number(state.offset), `${read()} records read of ${state.offset}`)
  }
})

test('nor are those read again that a person has accepted', async () => {
  const ledger = createLedger()
  const begun = [ledger.genesis(), ledger.claim(), ledger.open('cash')]
  ledger.open('lost')
  const broken = Array.from({ length: 2_000 }, (_, index) => ledger.open(`account-${index}`))
  const { log } = await logOf(...begun, ...broken)
  const { seq: aboveSeq, epoch: aboveEpoch } = (await foldToEnd(log, 0)).state
  const decided = { ledgerId: 'test-ledger', actor: 'sam', reason: 'a disk was lost', clock: systemClock }
  const resume = await appendResume(log, 0, { ...decided, aboveSeq, aboveEpoch, signal })
  const { counting, read } = countReads(log)
  const state = await follow(counting, initialFold(0), undefined, 100)
  assert.deepEqual([state.seq, state.alarm], [resume.seq, undefined])
  assert.ok(read() < 5 * Number(state.offset), `${read()} records read of ${state.offset}`)
})

function countReads(log: EventLog) {
  let records = 0
  const counting: EventLog = {
    ...log,
    async *read(partition, from, options) {
      for await (const batch of log.read(partition, from, options)) {
        records += batch.length
        yield batch
      }
    },
  }
  return { counting, read: () => records }
}
