import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HistoryError } from '@micropay/event-log/history'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { appendTo, foldToEnd, readRecords } from '@micropay/event-log/log-reading.fixture'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { foldFollowed } from './check-history.ts'

test('a claim that follows what is not there any more is not followed', async () => {
  const store = createMemoryStore()
  const log = openMemoryLog(store)
  await log.prepare(1)
  const ledger = createLedger()
  await appendTo(log, 0, [ledger.genesis(), ledger.claim(), ledger.open('cash'), ledger.open('ada')])
  const { state } = await foldToEnd(log, 0)
  const [lost, again] = [ledger.heartbeat(), ledger.claim()]
  store.partitions[0]?.splice(3)
  await appendTo(log, 0, [lost, again])
  const records = await readRecords(log, 0, state.offset, 1)
  const source = { log, schema: 'the read model', partitions: 1 }
  const { signal } = new AbortController()
  await assert.rejects(foldFollowed(source, { acceptedTo: undefined }, state, records, signal), HistoryError)
})
