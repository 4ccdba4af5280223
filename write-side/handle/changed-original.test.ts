import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventLog, LogRecord } from '@micropay/event-log/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { stopped } from './booked-ledger.fixture.ts'
import { paying, stopOwner } from './owner.fixture.ts'
import { summary } from './partition-owner.contract.ts'
import { memoryLog, payIn, refunding } from './refunds.fixture.ts'

/** The log, in which the payment of 0:3 is another one than it was while `changed` is true. */
function changedLog(log: EventLog) {
  const harm = { changed: false }
  const read: EventLog['read'] = async function* (...args) {
    for await (const records of log.read(...args)) yield harm.changed ? records.map(withOtherPayment) : records
  }
  return { harm, log: { ...log, read } }
}

function withOtherPayment(record: LogRecord): LogRecord {
  const text = String(Buffer.from(record.value))
  return text.includes('"seq":3,') ? { ...record, value: Buffer.from(text.replaceAll('"100"', '"900"')) } : record
}

test('a payment that is not what was read before is no payment to give back: all stops until it is again', {
  timeout: 30_000,
}, async () => {
  const { log, harm } = changedLog(await memoryLog())
  const owner = await payIn(log)
  for (let seq = 4; seq < 50; seq += 1) await owner.submit(paying(`more ${seq}`, 'ada', 'ben', '1'))
  harm.changed = true
  const refused = await owner.submit(refunding('r', 'pay-0-3'))
  assert.equal(summary(refused), 'refused ledger_stopped')
  await stopped(owner)
  assert.match(
    String(owner.notServingBecause()),
    /^partition 0: stopped: a record between 0:\d and 0:\d+ .* was read before;/,
  )
  assert.equal(summary(await owner.submit(paying('k', 'ada', 'ben', '1'))), 'refused ledger_stopped')
  harm.changed = false
  while (owner.notServingBecause() !== undefined) await systemClock.turn()
  assert.equal(summary(await owner.submit(refunding('r', 'pay-0-3'))), 'accepted 50')
  await stopOwner(owner)
})
