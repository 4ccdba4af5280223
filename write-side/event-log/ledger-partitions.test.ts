import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { LogError, type LogErrorCode } from './event-log.ts'
import { createLedger } from './ledger.fixture.ts'
import { awaitPartitions, findPartitions, newLedgerEnvironment, prepareLedgerLog } from './ledger-partitions.ts'
import { appendTo } from './log-reading.fixture.ts'
import { createMemoryStore, openMemoryLog } from './memory/event-log.ts'

const isLogError = (code: LogErrorCode, text: RegExp) => (error: unknown) =>
  error instanceof LogError && error.code === code && text.test(error.message)

test('a new ledger begins with as many partitions as are asked for, or else with one', async () => {
  assert.equal(await prepareLedgerLog(openMemoryLog(), undefined), 1)
  assert.equal(await prepareLedgerLog(openMemoryLog(), 1024), 1024)
})

test('where the log is gone, the ledger that a worker has states of keeps its number', async () => {
  assert.equal(await prepareLedgerLog(openMemoryLog(), undefined, 8), 8)
  assert.equal(await prepareLedgerLog(openMemoryLog(), 4, 8), 4)
})

test('a ledger keeps its number: who asks for none takes it, and who asks for another is told what to do', async () => {
  const store = createMemoryStore()
  assert.equal(await prepareLedgerLog(openMemoryLog(store), 4), 4)
  assert.equal(await prepareLedgerLog(openMemoryLog(store), undefined), 4)
  assert.equal(await prepareLedgerLog(openMemoryLog(store), 4), 4)
  const refused = isLogError('log_mismatch', /has 4 partitions and PARTITIONS is 1: leave PARTITIONS out/)
  await assert.rejects(prepareLedgerLog(openMemoryLog(store), 1), refused)
})

test('of two workers that begin a ledger at once, the first one has its way', async () => {
  const store = createMemoryStore()
  const late = openMemoryLog(store)
  const looked = Promise.withResolvers<void>()
  const isFirst = Promise.withResolvers<void>()
  let looks = 0
  const partitions = async () => {
    looks += 1
    if (looks > 1) return late.partitions()
    looked.resolve()
    await isFirst.promise
    return undefined
  }
  const second = prepareLedgerLog({ ...late, partitions }, undefined)
  await looked.promise
  await prepareLedgerLog(openMemoryLog(store), 8)
  isFirst.resolve()
  assert.equal(await second, 8)
})

test('a log with more partitions than its genesis names is refused, whichever has begun', async () => {
  for (const begun of [0, 3]) {
    const log = openMemoryLog()
    await log.prepare(8)
    await appendTo(log, begun, [createLedger(begun, 4).genesis()])
    const refused = isLogError('log_mismatch', /began with 4 partitions and its log has 8/)
    await assert.rejects(prepareLedgerLog(log, undefined), refused)
  }
})

test('a first record that is no genesis is left to those who fold the log', async () => {
  const log = openMemoryLog()
  await log.prepare(1)
  await appendTo(log, 0, [{ key: '', value: new TextEncoder().encode('{"not":"a record"}') }])
  assert.equal(await prepareLedgerLog(log, undefined), 1)
})

test('who only reads begins no ledger, and waits for the first worker no longer than asked', async () => {
  const store = createMemoryStore()
  const log = openMemoryLog(store)
  const missing = isLogError('log_missing', /no ledger in this log yet: the first worker/)
  await assert.rejects(findPartitions(log), missing)
  const reasons: string[] = []
  const onWait = (reason: string) => reasons.push(reason)
  await assert.rejects(awaitPartitions(log, { clock: systemClock, withinMs: 200, onWait }), missing)
  assert.deepEqual([reasons.length, store.partitions.length], [1, 0])
  const waiting = awaitPartitions(log, { clock: systemClock, withinMs: 10_000, onWait })
  await prepareLedgerLog(openMemoryLog(store), 2)
  assert.equal(await waiting, 2)
})

test('PARTITIONS is from 1 to 1024, and nothing where it is empty or left out', () => {
  const { PARTITIONS } = newLedgerEnvironment
  assert.deepEqual(
    [undefined, '', '1', '1024'].map((text) => PARTITIONS.parse(text)),
    [undefined, undefined, 1, 1024],
  )
  for (const text of ['0', '1025', '1.5', 'many']) assert.equal(PARTITIONS.safeParse(text).success, false, text)
})
