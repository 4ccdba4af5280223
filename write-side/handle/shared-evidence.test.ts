import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogRecord } from '@micropay/event-log/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { createHandClock, type HandClock } from '@micropay/runtime/hand-clock.fixture'
import { type Lease, NOTICE_MS } from '@micropay/runtime/leases'
import { encodeClaim } from '@micropay/schemas/log/ledger-record'
import { accept, bookedLedger, openLog, pay, stopped } from './booked-ledger.fixture.ts'
import {
  freeLease,
  opening,
  passingLease,
  sharedNotices,
  startOwner,
  stopOwner,
  type TestOwner,
} from './owner.fixture.ts'
import { codeOf, summary } from './partition-owner.contract.ts'

/** Lets time pass until something is so; a disk takes its own, in which minutes pass. */
async function until(clock: HandClock, isSo: () => boolean): Promise<void> {
  for (let second = 0; !isSo(); second += 1) {
    assert.ok(second < 1_000, 'it takes too long')
    clock.advance(1_000)
    for (let turn = 0; turn < 200 && !isSo(); turn += 1) await systemClock.turn()
  }
}

const serves = (owner: TestOwner) => owner.status().phase === 'serving'

/** A log that has lost two acknowledged commits, one worker that knows of them, and what workers say to each other. */
async function cutLedger(clock: HandClock) {
  const booked = await bookedLedger(clock)
  const whole = booked.records.slice()
  booked.records.splice(5)
  const notices = sharedNotices(clock)
  const lease = (ownerId: string): Lease => ({ ...freeLease, ...notices.of(ownerId) })
  const start = (ownerId: string, directory?: string) =>
    startOwner(booked.log, { clock, ownerId, lease: lease(ownerId), ...(directory === undefined ? {} : { directory }) })
  return { ...booked, whole, notices, start, startKnowing: () => start('knows', booked.directory) }
}

test('what one worker knows that the log has lost stops one that never knew it, until a person decides', async () => {
  const clock = createHandClock()
  const { log, records, start, startKnowing } = await cutLedger(clock)
  const knowing = startKnowing()
  const reason = await stopped(knowing)
  const before = records.length
  const blind = start('blind')
  assert.match(await stopped(blind), /ends at offset 5, and up to 0:5 .* was read before, says knows/)
  assert.equal(codeOf(await pay(blind, 'k9')), 'ledger_stopped')
  await until(clock, () => clock.monotonicMs() > 50_000)
  assert.equal(knowing.status().stoppedBecause, reason)
  assert.match(blind.notServingBecause() ?? '', /says knows/)
  assert.equal(records.length, before)
  await accept(log, 5)
  await until(clock, () => serves(blind) || serves(knowing))
  await Promise.all([stopOwner(blind), stopOwner(knowing)])
})

test('a worker that serves already stops as soon as another one knows better', async () => {
  const clock = createHandClock()
  const { start, startKnowing } = await cutLedger(clock)
  const blind = start('blind')
  await until(clock, () => serves(blind))
  const knowing = startKnowing()
  await stopped(knowing)
  await until(clock, () => blind.status().stoppedBecause !== undefined)
  assert.match(await stopped(blind), /says knows/)
  await Promise.all([stopOwner(blind), stopOwner(knowing)])
})

test('all go on by themselves once the log is what it was', async () => {
  const clock = createHandClock()
  const { records, whole, start, startKnowing } = await cutLedger(clock)
  const knowing = startKnowing()
  await stopped(knowing)
  const blind = start('blind')
  await stopped(blind)
  records.splice(0, records.length, ...whole)
  await until(clock, () => serves(blind) || serves(knowing))
  await Promise.all([stopOwner(blind), stopOwner(knowing)])
})

test('what one worker knew stops others for as long as nobody has decided, however long that one is gone', async () => {
  const clock = createHandClock()
  const { log, notices, start, startKnowing } = await cutLedger(clock)
  const knowing = startKnowing()
  await stopped(knowing)
  await knowing.stop()
  const blind = start('blind')
  await stopped(blind)
  const goneMs = clock.monotonicMs()
  await until(clock, () => clock.monotonicMs() > goneMs + NOTICE_MS + 15_000)
  assert.match(blind.notServingBecause() ?? '', /says knows/)
  await blind.stop()
  const next = start('next')
  assert.match(await stopped(next), /says knows/)
  await accept(log, 5)
  await until(clock, () => serves(next))
  assert.deepEqual(notices.owners(), [], 'what a person has decided nobody needs to know any more')
  await Promise.all([stopOwner(blind), stopOwner(next), stopOwner(knowing)])
})

test('what is over is deleted once nobody says it any more, and not before', async () => {
  const clock = createHandClock()
  const { records, whole, notices, start, startKnowing } = await cutLedger(clock)
  const knowing = startKnowing()
  await stopped(knowing)
  await knowing.stop()
  records.splice(0, records.length, ...whole)
  const blind = start('blind')
  await until(clock, () => serves(blind))
  assert.deepEqual(notices.owners(), ['knows'])
  await until(clock, () => notices.owners().length === 0)
  assert.ok(clock.monotonicMs() > NOTICE_MS)
  assert.ok(serves(blind))
  await Promise.all([stopOwner(blind), stopOwner(knowing)])
})

test('that the leases do not answer disproves nothing', async () => {
  const clock = createHandClock()
  const { log, records, whole, notices, startKnowing } = await cutLedger(clock)
  const knowing = startKnowing()
  await stopped(knowing)
  const lease = notices.of('blind')
  let answers = true
  const told = () => (answers ? lease.told() : Promise.reject(new Error('the database is away')))
  const blind = startOwner(log, { clock, ownerId: 'blind', lease: { ...freeLease, ...lease, told } })
  await stopped(blind)
  await stopOwner(knowing)
  answers = false
  records.splice(0, records.length, ...whole)
  const asked = clock.monotonicMs()
  await until(clock, () => clock.monotonicMs() > asked + 50_000)
  assert.match(blind.notServingBecause() ?? '', /says knows/)
  answers = true
  await until(clock, () => serves(blind))
  await stopOwner(blind)
})

test('what cannot be read takes nothing from what others say, and keeps nobody stopped', async () => {
  const clock = createHandClock()
  const { records, whole, notices, start, startKnowing } = await cutLedger(clock)
  const knowing = startKnowing()
  await stopped(knowing)
  const newer = { partition: 0, epoch: 1, claimId: 'x', seq: 1, hash: '', offset: '3', voids: 0 }
  const alarm = { reason: 'a reason of newer code', seq: null, offset: '2' }
  await notices.of('a newer one').tell(JSON.stringify({ ...newer, alarm }))
  await notices.of('another').tell('{')
  const blind = start('blind')
  assert.match(await stopped(blind), /says knows/)
  records.splice(0, records.length, ...whole)
  await until(clock, () => serves(blind) || serves(knowing))
  await Promise.all([stopOwner(blind), stopOwner(knowing)])
})

test('a fold that the log leads to is no evidence, whoever tells of it', async () => {
  const clock = createHandClock()
  const { records, whole, start, startKnowing } = await cutLedger(clock)
  const knowing = startKnowing()
  await stopped(knowing)
  await knowing.stop()
  records.splice(0, records.length, ...whole)
  const blind = start('blind')
  await until(clock, () => serves(blind))
  assert.equal(summary(await pay(blind, 'k6')), 'accepted 6')
  await Promise.all([stopOwner(blind), stopOwner(knowing)])
})

test('a record that nobody can explain stops those too who have passed it before it was changed', async () => {
  const clock = createHandClock()
  const { log, records } = await openLog(clock)
  const notices = sharedNotices(clock)
  const start = (ownerId: string) =>
    startOwner(log, { clock, ownerId, lease: { ...freeLease, ...notices.of(ownerId) } })
  const first = start('first')
  for (const id of ['ada', 'ben', 'eve']) await first.submit(opening(id, id, 'unlimited'))
  const changed = records[3] as LogRecord
  records.splice(3, 1, { ...changed, value: Buffer.from(Buffer.from(changed.value).toString().replace('{', '[')) })
  const second = start('second')
  await stopped(second)
  await until(clock, () => first.status().stoppedBecause !== undefined)
  assert.match(await stopped(first), /bytes are no record any more .*, says second/)
  records.splice(3, 1, changed)
  await until(clock, () => serves(first) || serves(second))
  await Promise.all([stopOwner(first), stopOwner(second)])
})

test('a standby takes no claim of another log for one of its own', async () => {
  const clock = createHandClock()
  const { log, records } = await openLog(clock)
  const lease = passingLease(['first', 'second'])
  const start = (ownerId: string) => startOwner(log, { clock, ownerId, lease: lease.of(ownerId) })
  const first = start('first')
  for (const id of ['ada', 'ben']) await first.submit(opening(id, id, 'unlimited'))
  const second = start('second')
  await until(clock, () => second.status().phase === 'waiting for the lease' && second.status().seq === 2)
  clock.advance(2_000)
  for (let turn = 0; turn < 200; turn += 1) await systemClock.turn()
  const whole = records.slice()
  records.splice(0, records.length, ...Array.from({ length: whole.length + 3 }, (_, epoch) => foreignClaim(epoch)))
  await until(clock, () => second.status().stoppedBecause !== undefined)
  records.splice(0, records.length, ...whole)
  await until(clock, () => second.status().stoppedBecause === undefined)
  await until(clock, () => serves(first))
  assert.equal(second.status().epoch, 2, 'first has claimed again, and nobody else')
  await Promise.all([stopOwner(first), stopOwner(second)])
})

/** In a log of another ledger, the claim at the offset of its epoch. */
function foreignClaim(epoch: number): LogRecord {
  const claim = { epoch, claimId: `claim of epoch ${epoch}`, ownerId: 'x', claimedAt: at, eventGeneration: 1 }
  return { offset: BigInt(epoch), key: '', value: encodeClaim({ ledgerId: 'another', partition: 0 }, claim) }
}

const at = '2026-01-01T00:00:00.000Z'
