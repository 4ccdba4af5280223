import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventLog, LogRecord } from '@micropay/event-log/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { createHandClock } from '@micropay/runtime/hand-clock.fixture'
import { createMemoryDisk } from '../state/memory/disk.ts'
import { decodeValue, encodeValue } from '../state/partition-tables.ts'
import { createStateOpener } from '../state/state-opener.ts'
import { openLog } from './booked-ledger.fixture.ts'
import { ledgerId, opening, paying, startOwner, stopOwner, submitUntilDecided } from './owner.fixture.ts'
import { summary } from './partition-owner.contract.ts'
import { memoryLog, payIn, refunding } from './refunds.fixture.ts'

/** The log, in which the payment of 0:3 is another one than it was for the next so many `looks` at it. */
function changedLog(log: EventLog) {
  const harm = { looks: 0 }
  const read: EventLog['read'] = async function* (...args) {
    for await (const records of log.read(...args)) yield records.map((record) => seen(record, harm))
  }
  return { harm, log: { ...log, read } }
}

function seen(record: LogRecord, harm: { looks: number }): LogRecord {
  const text = String(Buffer.from(record.value))
  if (harm.looks === 0 || !text.includes('"seq":3,')) return record
  harm.looks -= 1
  return { ...record, value: Buffer.from(text.replaceAll('"100"', '"900"')) }
}

const forEver = Number.POSITIVE_INFINITY

test('a payment that is not what was read before is not given back, which is told while it stands', {
  timeout: 30_000,
}, async (context) => {
  const clock = createHandClock()
  const { log, harm } = changedLog((await openLog(clock)).log)
  const owner = await payIn(log, { clock })
  context.after(() => stopOwner(owner))
  for (let seq = 4; seq < 50; seq += 1) await owner.submit(paying(`more ${seq}`, 'ben', 'ada', '1'))
  harm.looks = forEver
  const passing = letPass(clock)
  context.after(() => {
    passing.over = true
  })
  const refused = await owner.submit(refunding('r', 'pay-0-3'))
  assert.equal(summary(refused), 'refused ledger_stopped')
  assert.match(String(owner.status().recordChanged?.reason), /^a record between 0:\d and 0:\d+ .* was read before$/)
  assert.equal(summary(await owner.submit(paying('k', 'ben', 'ada', '1'))), 'accepted 50')
  assert.equal(owner.status().stoppedBecause, undefined)
  harm.looks = 0
  await until(() => owner.status().recordChanged === undefined)
  assert.equal(summary(await owner.submit(refunding('r', 'pay-0-3', { amount: '7' }))), 'accepted 51')
})

test('a payment that is another one at the first look alone is given back', async (context) => {
  const { log, harm } = changedLog(await memoryLog())
  const owner = await payIn(log)
  context.after(() => stopOwner(owner))
  harm.looks = 1
  assert.equal(summary(await owner.submit(refunding('r', 'pay-0-3'))), 'accepted 4')
  assert.deepEqual([harm.looks, owner.status().recordChanged], [0, undefined])
})

const harms: Readonly<Record<string, (value: Uint8Array) => Uint8Array>> = {
  'is another one': (value) => encodeValue({ ...(decodeValue(value) as object), hash: 'A'.repeat(43) }),
  'cannot be read': () => Buffer.of(0xc1),
}

for (const [what, change] of Object.entries(harms)) {
  test(`where a fold on disk ${what}, the state is folded anew, and the log is not blamed`, {
    timeout: 30_000,
  }, async (context) => {
    const { log } = await openLog()
    const disk = createMemoryDisk({ clock: systemClock })
    const openStore = createStateOpener(disk, { ledgerId, partition: 0 })
    const owner = startOwner(log, { openStore })
    await owner.submit(opening('ada', 'open-ada', 'unlimited'))
    await owner.submit(opening('ben', 'open-ben'))
    for (let seq = 3; seq < 70; seq += 1) await owner.submit(paying(`k${seq}`, 'ada', 'ben', '1'))
    await owner.stop()
    const again = startOwner(log, { openStore })
    context.after(() => stopOwner(again))
    assert.equal(summary(await submitUntilDecided([again], paying('one', 'ada', 'ben', '1'))), 'accepted 70')
    const marks = Array.from({ length: 69 }, (_, index) => index + 1)
    for (const seq of marks) disk.edit('fold-marks', 'number', seq, (value) => value && change(value))
    const first = await again.submit(refunding('r', 'pay-0-20'))
    assert.equal(first.kind, 'refused', summary(first))
    await until(() => again.status().stateDiscarded !== undefined)
    assert.equal(summary(await submitUntilDecided([again], refunding('r', 'pay-0-20'))), 'accepted 71')
    assert.deepEqual([again.status().recordChanged, again.status().stoppedBecause], [undefined, undefined])
  })
}

async function until(isSo: () => boolean): Promise<void> {
  for (const deadline = systemClock.monotonicMs() + 15_000; !isSo(); await systemClock.turn()) {
    assert.ok(systemClock.monotonicMs() < deadline, 'within 15 s')
  }
}

/** Lets time pass for as long as a test waits for something. */
function letPass(clock: ReturnType<typeof createHandClock>) {
  const passing = { over: false }
  const pass = async () => {
    while (!passing.over) {
      clock.advance(500)
      for (let turn = 0; turn < 20; turn += 1) await systemClock.turn()
    }
  }
  void pass()
  return passing
}
