import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { systemClock } from './clock.ts'
import { createLeases, type Leases } from './leases.ts'
import { createLogger } from './logger.ts'
import { makeTestDatabase, type TestDatabase } from './test-database.fixture.ts'

let database: TestDatabase
let pool: pg.Pool
let leases: Leases
const forever = new AbortController().signal

before(async () => {
  database = await makeTestDatabase()
  pool = new pg.Pool({ connectionString: database.url })
  leases = createLeases(pool, systemClock, createLogger('test', 'silent'), { ttlMs: 300, retryMs: 20 })
  await leases.prepare()
})
after(async () => {
  await pool.end()
  await database.close()
})

test('one worker has a lease, another waits, and gets it when it is given back', async () => {
  const [first, second] = [leases.open('a', 'first'), leases.open('a', 'second')]
  assert.equal(await first.acquire(forever), true)
  let waits = 0
  const waited = Promise.withResolvers<void>()
  const acquired = second.acquire(forever, () => {
    waits += 1
    if (waits === 30) waited.resolve()
  })
  await waited.promise
  assert.equal(await ownerOf('a'), 'first', 'a lease that is renewed outlives its time')
  await first.release()
  assert.equal(await acquired, true)
  assert.equal(await ownerOf('a'), 'second')
  await second.release()
})

test('the lease of a worker that is gone ends by itself', async () => {
  await pool.query(`insert into lease values ('b', 'dead', now(), now() + interval '200 ms')`)
  const lease = leases.open('b', 'alive')
  assert.equal(await lease.acquire(forever), true)
  await lease.release()
})

test('the same worker gets its lease again at once, and a wait can be given up', async () => {
  await pool.query(`insert into lease values ('c', 'worker-1', now(), now() + interval '1 hour')`)
  assert.equal(await leases.open('c', 'worker-2').acquire(AbortSignal.timeout(50)), false)
  const lease = leases.open('c', 'worker-1')
  assert.equal(await lease.acquire(forever), true)
  const [holder] = await leases.holders(['c', 'unknown'])
  assert.equal(holder?.ownerId, 'worker-1')
  assert.ok(holder.expiresAt > holder.acquiredAt)
  await lease.release()
  assert.deepEqual(await leases.holders(['c']), [])
})

async function ownerOf(name: string): Promise<unknown> {
  const { rows } = await pool.query('select owner_id from lease where name = $1', [name])
  return rows[0]?.owner_id
}
