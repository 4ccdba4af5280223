import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { EventLog } from '@micropay/event-log/event-log'
import { initialFold } from '@micropay/event-log/fold-state'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { createHandClock, slipping } from '@micropay/runtime/hand-clock.fixture'
import { accept, bookedLedger, openLog, pay, stopped } from './booked-ledger.fixture.ts'
import { ledgerIn, opening, startOwner, stopOwner } from './owner.fixture.ts'
import { createOwnerTime } from './owner-time.ts'
import { codeOf, summary } from './partition-owner.contract.ts'

const minutes = (count: number) => count * 60_000

for (const [title, ms] of [
  ['a year ahead', 401 * 86_400_000],
  ['minutes ahead', minutes(3)],
  ['back', -minutes(3)],
] as const) {
  test(`an owner whose clock jumps ${title} decides nothing until it is right again`, async () => {
    const time = createHandClock()
    const { log } = await openLog(time)
    const { clock, slip } = slipping(time)
    const owner = startOwner(log, { clock })
    await owner.submit(opening('ada', 'ada', 'unlimited'))
    await owner.submit(opening('ben', 'ben'))
    slip(ms)
    assert.equal(codeOf(await pay(owner, 'k3')), 'ledger_stopped')
    assert.match(await stopped(owner), /the clock of this host/)
    slip(0)
    while (owner.notServingBecause() !== undefined) {
      time.advance(1_000)
      await systemClock.sleep(1)
    }
    assert.equal(summary(await pay(owner, 'k3')), 'accepted 3')
    const { state } = await ledgerIn(log)
    assert.ok(Date.parse(state.decidedAt) <= time.nowMs())
    await stopOwner(owner)
  })
}

/** By what a host goes, that is wrong by `offMs` when the store tells its time, and by `slipMs` five seconds later. */
function timeOf({ offMs, slipMs, tookMs = 0 }: { offMs: number; slipMs: number; tookMs?: number }) {
  const real = createHandClock()
  const { clock, slip } = slipping(real)
  slip(offMs)
  const time = createOwnerTime(clock)
  const sentMs = clock.monotonicMs()
  const storeMs = real.nowMs()
  real.advance(tookMs)
  time.check(initialFold(0), storeMs, sentMs)
  slip(slipMs)
  real.advance(5_000)
  const stampedMs = Date.parse(time.stamp(initialFold(0)))
  assert.equal(time.nowMs(), stampedMs)
  return stampedMs - real.nowMs()
}

test('a host whose clock is off by seconds goes by that of the store, whether it jumped or always was', () => {
  for (const ms of [-90_000, -5_000, 5_000, 90_000]) {
    assert.equal(timeOf({ offMs: 0, slipMs: ms }), 0)
    assert.ok(Math.abs(timeOf({ offMs: ms, slipMs: ms })) <= 1)
    assert.ok(Math.abs(timeOf({ offMs: ms, slipMs: 0 })) <= 1)
  }
  assert.equal(timeOf({ offMs: 0, slipMs: 500 }), 500, 'a host that agrees is believed')
})

test('an answer that was long on its way tells the time no later than it was, and no earlier than it was sent', () => {
  assert.equal(timeOf({ offMs: 0, slipMs: 0, tookMs: 8_000 }), 0)
  assert.equal(timeOf({ offMs: -90_000, slipMs: -90_000, tookMs: 8_000 }), -8_000)
  assert.ok(timeOf({ offMs: 90_000, slipMs: 90_000, tookMs: 8_000 }) <= 1)
})

test('a host whose clock is wrong when it starts does not serve', async () => {
  const time = createHandClock()
  const { log } = await openLog(time)
  const { clock, slip } = slipping(time)
  slip(401 * 86_400_000)
  const owner = startOwner(log, { clock })
  assert.match(await stopped(owner), /is 401 days ahead of the clock of the log's store/)
  await stopOwner(owner)
})

test('without a clock of the store a jump ends when it is set back, or else by a restart, which is said', async () => {
  const time = createHandClock()
  const { log } = await openLog(time)
  const { clock, slip } = slipping(time)
  const owner = startOwner(withoutTime(log), { clock })
  await owner.submit(opening('ada', 'ada', 'unlimited'))
  await owner.submit(opening('ben', 'ben'))
  slip(minutes(3))
  assert.equal(codeOf(await pay(owner, 'k3')), 'ledger_stopped')
  assert.match(await stopped(owner), /jumped 3 minutes ahead, to .*tells no time.*start this worker again/)
  slip(0)
  while (owner.notServingBecause() !== undefined) {
    time.advance(1_000)
    await systemClock.sleep(1)
  }
  assert.equal(summary(await pay(owner, 'k3')), 'accepted 3')
  await stopOwner(owner)
})

/** As Kafka where its topic is not stamped by the brokers. */
function withoutTime(log: EventLog): EventLog {
  return {
    ...log,
    async openAppender(partition) {
      const appender = await log.openAppender(partition)
      const append: typeof appender.append = async (records) => ({
        ...(await appender.append(records)),
        storeMs: undefined,
      })
      return { ...appender, append }
    },
  }
}

test('a ledger that rested for a year is served, and none of its keys is free', async () => {
  const time = createHandClock()
  const { log, directory } = await bookedLedger(time)
  time.advance(500 * 86_400_000)
  const owner = startOwner(log, { directory, clock: time })
  assert.equal(summary(await pay(owner, 'k6')), 'accepted 6')
  assert.equal(summary(await pay(owner, 'k4')), 'accepted 4')
  assert.equal((await ledgerIn(log)).state.agedMs, 86_400_000)
  await stopOwner(owner)
})

test('a ledger that is stamped ahead of its store is served once a person has accepted that', async () => {
  const time = createHandClock()
  const { log, directory } = await bookedLedger(time)
  const real = createHandClock(time.nowMs() - 401 * 86_400_000)
  const behind = openMemoryLog(createMemoryStore(real))
  await behind.prepare(1)
  await copyInto(behind, log)
  const owner = startOwner(behind, { directory, clock: real })
  assert.match(await stopped(owner), /, 401 days ahead of the clock of this host/)
  const { state } = await ledgerIn(behind)
  assert.equal(await behind.end(0), await log.end(0), 'it appended nothing while it was stopped')
  await accept(behind, 5)
  const resumed = startOwner(behind, { directory: mkdtempSync(join(tmpdir(), 'micropay-owner-')), clock: real })
  const paid = await pay(resumed, 'k6')
  assert.equal(paid.kind, 'accepted')
  assert.equal((await ledgerIn(behind)).state.decidedAt, state.decidedAt)
  await stopOwner(owner)
  await stopOwner(resumed)
})

async function copyInto(target: EventLog, source: EventLog): Promise<void> {
  const appender = await target.openAppender(0)
  const until = await source.end(0)
  for await (const records of source.read(0, 0n, { signal: new AbortController().signal, until })) {
    await appender.append(records)
  }
}
