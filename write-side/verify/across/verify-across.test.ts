import assert from 'node:assert/strict'
import { test } from 'node:test'
import { idOn } from '@micropay/event-log/across.fixture'
import type { EventLog, NewRecord } from '@micropay/event-log/event-log'
import { firstHash, nextHash } from '@micropay/event-log/fold'
import { foldToEnd, readRecords } from '@micropay/event-log/log-reading.fixture'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { openMemoryInbox } from '@micropay/event-log/memory/inbox'
import { systemClock } from '@micropay/runtime/clock'
import { ledgerId, paying } from '../../handle/owner.fixture.ts'
import { startLedger } from '../../handle/sagas/sagas.contract.ts'
import { verifyPartition } from '../verify-partition.ts'
import { verifyAcross } from './verify-across.ts'

const partitions = 4
const [ada, ben, cid] = [idOn(3, partitions, 'ada'), idOn(1, partitions, 'ben'), idOn(2, partitions, 'cid')]
const { signal } = new AbortController()
const across = (log: EventLog) => verifyAcross(log, { partitions, clock: systemClock, signal })
const codesOf = async (log: EventLog) => (await across(log)).faults.map(({ code }) => code)

/** What real owners of four partitions have written, and how the log of each ends. */
const written = (async () => {
  const store = createMemoryStore()
  await openMemoryLog(store).prepare(partitions)
  const ledger = await startLedger(async () => () => ({ log: openMemoryLog(store), inbox: openMemoryInbox(store) }))
  await ledger.open('1000')
  const wait = { wait: { ms: 20_000 } }
  const names = [ada, ben, cid] as const
  const all = Array.from({ length: 12 }, (_, index) =>
    ledger.submit(paying(`m${index}`, names[index % 3] ?? ada, names[(index + 1) % 3] ?? ben, '7', wait)),
  )
  await Promise.all(all)
  await ledger.submit(paying('dear', ada, ben, '999999', wait))
  await ledger.submit(paying('nobody', ada, idOn(1, partitions, 'nobody'), '1', wait))
  // The same key, for a payment that another partition decides.
  await ledger.submit(paying('m0', ben, cid, '1', wait))
  await ledger.quiet()
  const records = await Promise.all(
    Array.from({ length: partitions }, async (_, partition) => {
      const count = Number(await ledger.log.end(partition))
      return readRecords(ledger.log, partition, 0n, count)
    }),
  )
  await ledger.stop()
  return records
})()

/** The same log, with what `change` makes of the records of one partition. */
async function logOf(
  change: (records: readonly NewRecord[], partition: number) => readonly NewRecord[] = (all) => all,
) {
  const log = openMemoryLog(createMemoryStore())
  await log.prepare(partitions)
  for (const [partition, records] of (await written).entries()) {
    const changed = change(records, partition)
    if (changed.length > 0) await (await log.openAppender(partition)).append(changed)
  }
  return log
}

test('what real owners write is sound on each partition, and over all of them', async () => {
  const log = await logOf()
  for (let partition = 0; partition < partitions; partition += 1) {
    const { verification } = await verifyPartition(log, partition, { clock: systemClock, signal })
    assert.deepEqual([verification.faults, verification.sums], [[], verification.accounts > 0 ? verification.sums : []])
    assert(verification.sums.every(({ amount }) => amount === '0'))
  }
  const found = await across(log)
  assert.deepEqual([found.faults, found.sound, found.waiting], [[], true, 0])
  // Which of the two came first, nobody can say for sure.
  assert.deepEqual([found.sharedKeyCount, [1, 3].includes(found.sharedKeys[0]?.alsoOn ?? 0)], [1, true])
  assert.deepEqual(found.underWay, { payments: 0, oldest: null, sums: [] })
  assert(found.payments >= 13, `${found.payments}`)
  assert.match(found.positions, /^0:\d+,1:\d+,2:\d+,3:\d+$/)
})

test('a log that lost its end is told by those that rest on it', async () => {
  const cut = await logOf((records, partition) => (partition === 1 ? records.slice(0, 4) : records))
  const codes = await codesOf(cut)
  assert(codes.includes('cause_missing'), codes.join())
})

test('a partition whose chain was written anew is told by the hashes that others name', async () => {
  const log = await logOf((records, partition) => (partition === 1 ? forged(records) : records))
  const { verification } = await verifyPartition(log, 1, { clock: systemClock, signal })
  assert.equal(verification.sound, true)
  const codes = await codesOf(log)
  assert(codes.length > 5 && codes.every((code) => code === 'cause_changed'), codes.join())
})

/** Whoever may write to the log changes a word, and every hash behind it. */
function forged(records: readonly NewRecord[]): NewRecord[] {
  let [before, after] = [firstHash(ledgerId, 1), firstHash(ledgerId, 1)]
  return records.map(({ key, value }) => {
    const text = Buffer.from(value).toString()
    if (!text.includes('"type":"micropay.commit.v1"')) return { key, value }
    const changed = Buffer.from(text.replace(before, after).replace('"client":"test"', '"client":"text"'))
    before = nextHash(before, value)
    after = nextHash(after, changed)
    return { key, value: changed }
  })
}

test('what is behind the end that was read is read on to', async () => {
  const log = await logOf()
  // The first answer is an end of before: others go further by then.
  const asked = new Set<number>()
  const early: EventLog = {
    ...log,
    async end(partition) {
      const isFirst = !asked.has(partition)
      asked.add(partition)
      return isFirst && partition === 1 ? 4n : log.end(partition)
    },
  }
  const found = await across(early)
  assert.deepEqual([found.faults, found.waiting], [[], 0])
  const seq = (await foldToEnd(log, 1)).state.seq
  assert.match(found.positions, new RegExp(`1:${seq}`))
})
