import assert from 'node:assert/strict'
import type { EventLog } from '@micropay/event-log/event-log'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { RefundPayment } from '@micropay/schemas/api/payment'
import { StoredPaymentId } from '@micropay/schemas/log/stored-fields'
import type { CommandRequest } from './command.ts'
import { opening, paying, requestFor, startOwner } from './owner.fixture.ts'
import { summary } from './partition-owner.contract.ts'

export async function memoryLog() {
  const log = openMemoryLog(createMemoryStore())
  await log.prepare(1)
  return log
}

export function refunding(key: string, paymentId: string, asked: object = {}, more: Partial<CommandRequest> = {}) {
  const { dryRun: _, ...data } = RefundPayment.parse({ reason: 'a mistake', ...asked })
  return requestFor(
    { type: 'RefundPayment', data: { paymentId: StoredPaymentId.parse(paymentId), ...data } },
    key,
    more,
  )
}

/** A payment of 100 from ada to ben, at 0:3. */
export async function payIn(log: EventLog, options: Parameters<typeof startOwner>[1] = {}) {
  const owner = startOwner(log, options)
  await owner.submit(opening('ada', 'open-ada', '100'))
  await owner.submit(opening('ben', 'open-ben'))
  assert.equal(summary(await owner.submit(paying('pay', 'ada', 'ben', '100'))), 'accepted 3')
  return owner
}
