import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRecords } from '@micropay/event-log/log-reading.fixture'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { MakePayment } from '@micropay/schemas/api/payment'
import { MAX_RECORD_BYTES } from '@micropay/schemas/log/ledger-record'
import { ledgerIn, opening, requestFor, startOwner, stopOwner } from './owner.fixture.ts'
import { summary } from './partition-owner.contract.ts'

/** A payment whose record has so many bytes more than with an empty description, past what its schema takes. */
function describedBy(key: string, length: number) {
  const data = MakePayment.parse({ postings: [{ from: 'ada', to: 'ben', amount: '1', currency: 'EUR' }] })
  return requestFor({ type: 'MakePayment', data: { ...data, description: 'x'.repeat(length) } }, key)
}

test('a commit of the largest record is appended, one of a byte more is refused and leaves nothing', async () => {
  const log = openMemoryLog(createMemoryStore())
  await log.prepare(1)
  const owner = startOwner(log)
  await owner.submit(opening('ada', 'k1', '100'))
  await owner.submit(opening('ben', 'k2'))
  await owner.submit(describedBy('k3', 0))
  const [record] = await readRecords(log, 0, (await log.end(0)) - 1n, 1)
  const room = MAX_RECORD_BYTES - (record?.value.byteLength ?? 0)
  assert.equal(summary(await owner.submit(describedBy('k4', room + 1))), 'refused body_too_large')
  assert.equal(summary(await owner.submit(describedBy('k5', room))), 'accepted 4')
  assert.equal((await ledgerIn(log)).positions.get('k4'), undefined)
  await stopOwner(owner)
})
