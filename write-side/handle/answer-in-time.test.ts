import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { createHandClock } from '@micropay/runtime/hand-clock.fixture'
import { StoredPaymentId } from '@micropay/schemas/log/stored-fields'
import { opening, paying, requestFor, standingLog, startOwner, stopOwner } from './owner.fixture.ts'
import { defaultLimits } from './owner-limits.ts'
import { codeOf, summary } from './partition-owner.contract.ts'

test('a refund waits no longer than other commands do, however long its payment is looked for', async () => {
  const clock = createHandClock()
  const log = openMemoryLog(createMemoryStore(clock))
  await log.prepare(1)
  const standing = standingLog(log)
  let gate = Promise.resolve()
  const read: typeof log.read = async function* (...args) {
    await gate
    yield* log.read(...args)
  }
  const owner = startOwner({ ...standing.log, read }, { clock })
  for (const id of ['ada', 'ben']) await owner.submit(opening(id, id, '100'))
  assert.equal(summary(await owner.submit(paying('pay', 'ada', 'ben', '100'))), 'accepted 3')
  const opened = Promise.withResolvers<void>()
  gate = opened.promise
  const askedMs = clock.monotonicMs()
  let answeredMs: number | undefined
  const data = { paymentId: StoredPaymentId.parse('pay-0-3'), reason: 'a mistake' }
  const refund = owner.submit(requestFor({ type: 'RefundPayment', data }, 'refund')).finally(() => {
    answeredMs = clock.monotonicMs()
  })
  clock.advance(4_000)
  const arrived = standing.hold()
  const ahead = owner.submit(paying('ahead', 'ben', 'ada', '1'))
  await arrived
  opened.resolve()
  // Once it waits for its turn, behind who came later.
  while (owner.status().queued === 0) await systemClock.sleep(1)
  while (answeredMs === undefined) {
    await systemClock.sleep(1)
    clock.advance(250)
  }
  assert.equal(codeOf(await refund), 'not_owner')
  assert.ok(answeredMs - askedMs <= defaultLimits.answerWithinMs + 1_000, `${answeredMs - askedMs} ms`)
  standing.release()
  await ahead
  await stopOwner(owner)
})
