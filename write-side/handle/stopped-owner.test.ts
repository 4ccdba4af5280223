import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type EventLog, LogError } from '@micropay/event-log/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { createHandClock, type HandClock } from '@micropay/runtime/hand-clock.fixture'
import { accept, bookedLedger, openLog, pay, stopped } from './booked-ledger.fixture.ts'
import { opening, startOwner, stopOwner } from './owner.fixture.ts'
import { summary } from './partition-owner.contract.ts'

/** Lets time pass second by second, and whatever falls due get on. */
async function passes(clock: HandClock, seconds: number, isOver: () => boolean = () => false): Promise<void> {
  for (let second = 0; second < seconds && !isOver(); second += 1) {
    clock.advance(1_000)
    for (let turn = 0; turn < 200 && !isOver(); turn += 1) await systemClock.turn()
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
