import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openEventStoreLog } from '@micropay/event-log/eventstoredb/event-log'
import { setStreamSettings, startTestServer } from '@micropay/event-log/eventstoredb/server.fixture'
import { systemClock } from '@micropay/runtime/clock'
import { createHandClock, passing } from '@micropay/runtime/hand-clock.fixture'
import { createLogger } from '@micropay/runtime/logger'
import { pay, stopped } from './booked-ledger.fixture.ts'
import { opening, startOwner, stopOwner } from './owner.fixture.ts'
import { summary } from './partition-owner.contract.ts'

test('an owner stops where its stream may lose records, and goes on once that is taken off', async () => {
  await using server = await startTestServer()
  const clock = createHandClock(Date.now())
  const quiet = createLogger('test', 'silent')
  const log = openEventStoreLog({ url: server.url, prefix: 'losing', clock, log: quiet })
  await log.prepare(1)
  const owner = startOwner(log, { clock })
  for (const id of ['ada', 'ben']) await owner.submit(opening(id, id, 'unlimited'))
  assert.equal(summary(await pay(owner, 'k3')), 'accepted 3')

  await setStreamSettings(server, 'losing-0', { maxAge: 3_600 })
  const because = stopped(owner)
  await passing(clock, because)
  assert.match(await because, /the stream losing-0 may lose records: take \$maxAge off its metadata/)
  assert.equal(owner.status().stoppedBecause, await because)
  assert.match(summary(await pay(owner, 'k4')), /ledger_stopped/)

  await setStreamSettings(server, 'losing-0', {})
  await passing(clock, serving(owner))
  assert.equal(summary(await pay(owner, 'k5')), 'accepted 4')
  await stopOwner(owner)
  await log.close()
})

async function serving(owner: { notServingBecause(): string | undefined }): Promise<void> {
  while (owner.notServingBecause() !== undefined) await systemClock.sleep(10)
}
