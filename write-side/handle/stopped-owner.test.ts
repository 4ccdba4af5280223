import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type EventLog, LogError } from '@micropay/event-log/event-log'
import { changed } from '@micropay/event-log/ledger-records.fixture'
import { systemClock } from '@micropay/runtime/clock'
import { createHandClock, type HandClock } from '@micropay/runtime/hand-clock.fixture'
import { createLogger } from '@micropay/runtime/logger'
import { encodeClaim } from '@micropay/schemas/log/ledger-record'
import { diskFull } from '../state/tables.ts'
import { accept, bookedLedger, openLog, pay, stopped } from './booked-ledger.fixture.ts'
import { freeLease, ledgerId, opening, openState, startOwner, stopOwner, unheard } from './owner.fixture.ts'
import { summary } from './partition-owner.contract.ts'

/** Lets time pass second by second, and whatever falls due get on: what is waited for may take the disk a while. */
async function passes(clock: HandClock, seconds: number, isOver?: () => boolean): Promise<void> {
  const turns = isOver ? 5_000 : 200
  for (let second = 0; second < seconds && !isOver?.(); second += 1) {
    clock.advance(1_000)
    for (let turn = 0; turn < turns && !isOver?.(); turn += 1) await systemClock.turn()
  }
}

test('an owner that stopped notices at once that a person has accepted the log', async () => {
  const clock = createHandClock()
  const { log, records, directory } = await bookedLedger(clock)
  records.splice(5)
  const owner = startOwner(log, { directory, clock })
  await stopped(owner)
  // By now it looks for itself every half minute only.
  await passes(clock, 70)
  await accept(log, 5)
  await passes(clock, 5, () => owner.notServingBecause() === undefined)
  assert.equal(owner.notServingBecause(), undefined)
  assert.equal(summary(await pay(owner, 'k3')), 'accepted 3')
  await stopOwner(owner)
})

test('an owner that stopped says why and keeps its lease while the log is out of reach', async () => {
  const clock = createHandClock()
  const { log, records, directory } = await bookedLedger(clock)
  const whole = records.splice(5)
  let isDown = false
  let released = 0
  const end: EventLog['end'] = async (partition) => {
    if (isDown) throw new LogError('log_unavailable', 'the log does not answer')
    return log.end(partition)
  }
  const lease = {
    acquire: async (signal: AbortSignal) => !signal.aborted,
    release: async () => {
      released += 1
    },
    ...unheard,
  }
  const owner = startOwner({ ...log, end }, { directory, clock, lease })
  const reason = await stopped(owner)
  isDown = true
  await passes(clock, 120)
  assert.deepEqual([owner.status().stoppedBecause, released], [reason, 0])
  records.push(...whole)
  isDown = false
  await passes(clock, 60, () => owner.notServingBecause() === undefined)
  assert.equal(summary(await pay(owner, 'k4')), 'accepted 4')
  await stopOwner(owner)
})

test('an owner that stopped says the evidence that it has seen while its disk is full', async () => {
  const clock = createHandClock()
  const { log, records, directory } = await bookedLedger(clock)
  const whole = records.splice(5)
  let [isFull, opened] = [false, 0]
  const openStore = async () => {
    opened += 1
    if (isFull) throw diskFull('/state')
    return openState(directory)
  }
  const owner = startOwner(log, { directory, clock, openStore })
  const reason = await stopped(owner)
  isFull = true
  const before = opened
  await passes(clock, 120)
  assert.ok(opened > before)
  assert.equal(owner.status().stoppedBecause, reason)
  records.push(...whole)
  await passes(clock, 60)
  assert.equal(owner.status().stoppedBecause, reason, 'a disk that is full disproves nothing')
  isFull = false
  while (owner.notServingBecause() !== undefined) await passes(clock, 1)
  assert.equal(summary(await pay(owner, 'k4')), 'accepted 4')
  await stopOwner(owner)
})

test('a worker that does not understand what newer code wrote gives its lease to one that may', async () => {
  const clock = createHandClock()
  const { log, directory } = await bookedLedger(clock)
  const claim = { epoch: 9, claimId: 'the claim of newer code', ownerId: 'newer', eventGeneration: 99 }
  const appender = await log.openAppender(0)
  const value = encodeClaim({ ledgerId, partition: 0 }, { ...claim, claimedAt: '2026-01-01T00:00:00.000Z' })
  await appender.append([{ key: '', value }])
  let released = 0
  const release = async () => {
    released += 1
  }
  const owner = startOwner(log, { directory, clock, lease: { ...freeLease, release } })
  assert.match(await stopped(owner), /a claim of newer code/)
  await passes(clock, 10, () => released > 0)
  assert.ok(released > 0)
  await stopOwner(owner)
})

test('an owner that is asked only for what was decided before beats all the same', async () => {
  const clock = createHandClock()
  const { log, records } = await openLog(clock)
  const owner = startOwner(log, { clock, limits: { heartbeatMs: 5_000 } })
  await owner.submit(opening('ada', 'k1'))
  const before = records.length
  for (let asked = 0; asked < 4; asked += 1) {
    await passes(clock, 2)
    assert.equal(summary(await owner.submit(opening('ada', 'k1'))), 'accepted 1')
  }
  assert.ok(records.length > before, 'nothing shows readers that it is alive')
  await stopOwner(owner)
})

test('a stop whose text holds an instant is said once, and its text stays current', async () => {
  const hand = createHandClock()
  let aheadMs = 0
  const clock = { ...hand, nowMs: () => hand.nowMs() + aheadMs }
  const { log } = await openLog(hand)
  const said: string[] = []
  const logger = createLogger('owner-test', 'silent')
  logger.fatal = (_: unknown, text?: string) => void said.push(String(text))
  const owner = startOwner(log, { clock, log: logger })
  await owner.submit(opening('ada'))
  aheadMs = 401 * 86_400_000
  await passes(hand, 120, () => said.length > 0)
  const first = owner.status().stoppedBecause
  await passes(hand, 120)
  assert.deepEqual([said.length, said[0]], [1, first])
  assert.match(first ?? '', /the clock of this host/)
  assert.notEqual(owner.status().stoppedBecause, first)
  await stopOwner(owner)
})

test('a changed digit of the last heartbeat stops nobody: it never counted', async () => {
  const clock = createHandClock()
  const { log, records } = await openLog(clock)
  const said: string[] = []
  const logger = createLogger('owner-test', 'silent')
  logger.fatal = (_: unknown, text?: string) => void said.push(String(text))
  const owner = startOwner(log, { clock, log: logger })
  for (const id of ['ada', 'ben']) await owner.submit(opening(id, id, 'unlimited'))
  await passes(clock, 20, () => records.length > 4)
  records.splice(-1, 1, changed(records.at(-1), '"at":"2026', '"at":"2025'))
  const count = records.length
  assert.equal(summary(await pay(owner, 'k3')), 'accepted 3')
  await passes(clock, 30)
  assert.deepEqual(said, [])
  assert.ok(records.slice(count).every(({ value }) => !new TextDecoder().decode(value).includes('micropay.claim')))
  await stopOwner(owner)
})
