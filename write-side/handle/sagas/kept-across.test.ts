import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { idOn } from '@micropay/event-log/across.fixture'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { openMemoryInbox } from '@micropay/event-log/memory/inbox'
import { decodeRecord } from '@micropay/schemas/log/ledger-record'
import { paying } from '../owner.fixture.ts'
import { summary } from '../partition-owner.contract.ts'
import { startLedger } from './sagas.contract.ts'

const partitions = 4
const [ada, ben] = [idOn(3, partitions, 'ada'), idOn(1, partitions, 'ben')]
const waiting = { wait: { ms: 20_000 } }

/** As code of generation 10 wrote them, with two payments under way: a partition, a key, a record. */
const kept = readFileSync(new URL('../fixtures/under-way-across.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => {
    const [partition = '', key = '', value = ''] = line.split('\t')
    return {
      partition: Number(partition),
      record: { key: String(JSON.parse(key)), value: Buffer.from(value, 'base64') },
    }
  })

test('what was under way under earlier code comes to its end, in the generation of then', async () => {
  const store = createMemoryStore()
  const log = openMemoryLog(store)
  await log.prepare(partitions)
  for (const { partition, record } of kept) {
    const appender = await log.openAppender(partition)
    await appender.append([record]).finally(() => appender.close())
  }
  const ledger = await startLedger(async () => () => ({ log: openMemoryLog(store), inbox: openMemoryInbox(store) }))
  const told = await ledger.submit(paying('asked', ada, ben, '20', waiting))
  await ledger.quiet()
  assert.equal('replayed' in told && told.replayed, true)
  const balances = Object.values(await ledger.balances()).map(Number)
  assert.equal(
    balances.reduce((sum, each) => sum + each, 0),
    100,
  )
  const next = await ledger.submit(paying('next', ada, ben, '5', waiting))
  assert.match(summary(next), /^accepted/)
  await ledger.quiet()
  const until = await log.end(3)
  for await (const records of log.read(3, 0n, { signal: new AbortController().signal, until })) {
    for (const { value } of records) assert.ok(decodeRecord(value, 10))
  }
  await ledger.stop()
  await log.close()
})
