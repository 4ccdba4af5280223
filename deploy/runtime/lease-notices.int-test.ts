import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { systemClock } from './clock.ts'
import { createLogger } from './logger.ts'
import { openLeases } from './open-leases.ts'
import { makeTestDatabase } from './test-database.fixture.ts'

test('what an owner says under a lease is heard by all who ask for it, until it is not said again', async (context) => {
  const database = await makeTestDatabase()
  const leases = openLeases({ url: database.url, clock: systemClock, log: createLogger('test', 'silent') })
  const admin = new pg.Pool({ connectionString: database.url })
  context.after(async () => {
    await Promise.all([leases.close(), admin.end()])
    await database.close()
  })
  const [first, second] = [leases.open('told', 'first'), leases.open('told', 'second')]
  await first.acquire(context.signal)
  assert.deepEqual(await second.told(), [])
  await second.tell('seen')
  await second.tell('seen again')
  await first.tell('heard')
  await leases.open('other', 'first').tell('elsewhere')
  const both = [
    { ownerId: 'first', text: 'heard' },
    { ownerId: 'second', text: 'seen again' },
  ]
  assert.deepEqual(await first.told(), both)
  assert.deepEqual(await leases.open('told', 'third').told(), both)
  await admin.query(`update lease_notice set until = now() where owner_id = 'second'`)
  assert.deepEqual(await second.told(), both.slice(0, 1))
  await first.release()
  assert.deepEqual(await second.told(), both.slice(0, 1), 'it is not the lease')
})
