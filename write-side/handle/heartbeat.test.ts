import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventLog } from '@micropay/event-log/event-log'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { createHandClock } from '@micropay/runtime/hand-clock.fixture'
import { decodeRecord } from '@micropay/schemas/log/ledger-record'
import { opening, startOwner, stopOwner } from './owner.fixture.ts'
import { summary } from './partition-owner.contract.ts'

const heartbeatMs = 5_000

async function served() {
  const clock = createHandClock()
  const log = openMemoryLog(createMemoryStore(clock))
  await log.prepare(1)
  const owner = startOwner(log, { clock, limits: { heartbeatMs } })
  await owner.submit(opening('ada', 'k1'))
  return { clock, log, owner, end: await log.end(0) }
}

async function nextKind(log: EventLog, from: bigint): Promise<string> {
  for await (const [record] of log.read(0, from, { signal: AbortSignal.timeout(10_000) })) {
    if (record) return decodeRecord(record.value).kind
  }
  return 'nothing'
}

test('an owner that decides nothing shows with a heartbeat that it is there', async () => {
  const { clock, log, owner, end } = await served()
  // It has begun to wait for what comes.
  for (let turns = 0; turns < 5; turns += 1) await clock.turn()
  clock.advance(heartbeatMs)
  assert.equal(await nextKind(log, end), 'heartbeat')
  await stopOwner(owner)
})

test('and so does one that is asked for what needs no append', async () => {
  const { clock, log, owner, end } = await served()
  const replayed = owner.submit(opening('ada', 'k1'))
  clock.advance(heartbeatMs)
  assert.equal(summary(await replayed), 'accepted 1')
  assert.equal(await nextKind(log, end), 'heartbeat')
  await stopOwner(owner)
})
