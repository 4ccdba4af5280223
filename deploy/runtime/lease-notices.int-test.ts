import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { systemClock } from './clock.ts'
import { createLogger } from './logger.ts'
import { openLeases } from './open-leases.ts'
import { makeTestDatabase } from './test-database.fixture.ts'

test('what an owner says under a lease is heard by all who ask for it, until somebody deletes it', async (context) => {
  const database = await makeTestDatabase()
  const leases = openLeases({ url: database.url, clock: systemClock, log: createLogger('test', 'silent') })
  const admin = new pg.Pool({ connectionString: database.url })
  context.after(async () => {
    await Promise.all([leases.close(), admin.end()])
    await database.close()
  })
  const [first, second] = [leases.open('told', 'first'), leases.open('told', 'second')]
  context.after(() => first.release())
  await first.acquire(context.signal)
  assert.deepEqual(await second.told(), [])
  await second.tell('seen')
  await second.tell('seen again')
  await first.tell('heard')
  await leases.open('other', 'first').tell('elsewhere')
  const both = [
    { ownerId: 'first', text: 'heard', isRepeated: true },
    { ownerId: 'second', text: 'seen again', isRepeated: true },
  ]
  assert.deepEqual(await first.told(), both)
  assert.deepEqual(await leases.open('told', 'third').told(), both)
  await admin.query(`update lease_notice set until = now() where owner_id = 'second'`)
  const [heard, seen] = await second.told()
  assert.ok(heard && seen)
  assert.deepEqual([heard.isRepeated, seen.isRepeated], [true, false], 'time ends nothing')
  await first.release()
  assert.equal((await second.told()).length, 2, 'it is not the lease')
  await first.forget({ ...seen, text: 'seen' })
  assert.equal((await second.told()).length, 2, 'its owner has said something else since')
  await first.forget(seen)
  assert.deepEqual(await second.told(), both.slice(0, 1))
})

test('who says the same under another name, as after a restart, takes the place of who is gone', async (context) => {
  const database = await makeTestDatabase()
  const leases = openLeases({ url: database.url, clock: systemClock, log: createLogger('test', 'silent') })
  const admin = new pg.Pool({ connectionString: database.url })
  context.after(async () => {
    await Promise.all([leases.close(), admin.end()])
    await database.close()
  })
  const named = (ownerId: string) => leases.open('told', ownerId)
  assert.deepEqual(await named('first').told(), [], 'nobody ever asked for a lease')
  await named('first').tell('seen')
  await named('second').tell('seen')
  await named('other').tell('something else')
  await admin.query('update lease_notice set until = now()')
  await named('third').tell('seen')
  assert.deepEqual(
    (await named('first').told()).map(({ ownerId }) => ownerId),
    ['other', 'third'],
  )
})
