import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { systemClock } from './clock.ts'
import { type LeaseDatabase, long, makeLeaseDatabase, quick } from './leases.fixture.ts'
import { acquireOnce } from './leases.ts'

let leased: LeaseDatabase
before(async () => {
  leased = await makeLeaseDatabase()
})
after(() => leased.close())

test('the leases of a process take one connection, which ends with the last of them', async (context) => {
  // Many take turns on one connection, on a machine that does other things too.
  const times = { ttlMs: 1_500, retryMs: 20 }
  const leases = leased.leasesOf(times)
  const names = Array.from({ length: 64 }, (_, index) => `many ${index}`)
  const held = names.map((name) => leases.open(name, 'holder'))
  await Promise.all(held.map((lease) => lease.acquire(context.signal)))
  assert.equal(await leased.sessions(), 1)
  // Each outlives its time several times over.
  await systemClock.sleep(3 * times.ttlMs)
  assert.deepEqual(
    held.map((lease) => lease.lost().aborted),
    names.map(() => false),
  )
  const [first, ...others] = held
  await first?.release()
  const next = leased.leasesOf(long).open('many 0', 'other')
  assert.equal(await acquireOnce(next), 'ours')
  await next.release()
  assert.equal(
    others.some((lease) => lease.lost().aborted),
    false,
  )
  await Promise.all(others.map((lease) => lease.release()))
  while ((await leased.sessions()) > 0) await systemClock.turn()
})

test('leases whose connection is lost are had again on another one, all of them', async (context) => {
  const leases = leased.leasesOf(long)
  const held = ['o1', 'o2', 'o3'].map((name) => leases.open(name, 'holder'))
  await Promise.all(held.map((lease) => lease.acquire(context.signal)))
  const before = await Promise.all(['o1', 'o2', 'o3'].map(leased.termOf))
  await leased.endSessions()
  for (const [index, name] of ['o1', 'o2', 'o3'].entries()) {
    while ((await leased.termOf(name)) === before[index]) await systemClock.turn()
  }
  assert.deepEqual(
    held.map((lease) => lease.lost().aborted),
    [false, false, false],
  )
  await Promise.all(held.map((lease) => lease.release()))
})

test('two in one process never have the same lease, though they share its connection', async (context) => {
  const leases = leased.leasesOf(long)
  const [first, second] = [leases.open('p', 'first'), leases.open('p', 'second')]
  await first.acquire(context.signal)
  assert.equal(await acquireOnce(second), 'held')
  await first.release()
  assert.equal(await acquireOnce(second), 'ours')
  await second.release()
})

test('a row that somebody has locked keeps no other lease from its connection', async (context) => {
  const leases = leased.leasesOf({ ttlMs: 1_500, retryMs: 20 })
  const [locked, other] = [leases.open('locked', 'holder'), leases.open('beside it', 'holder')]
  await Promise.all([locked.acquire(context.signal), other.acquire(context.signal)])
  const term = await leased.termOf('beside it')
  const unlock = await lockRow('locked')
  while (!locked.lost().aborted) await systemClock.turn()
  // It has asked in vain by then.
  await systemClock.sleep(2_000)
  assert.equal(await leased.termOf('beside it'), term)
  await unlock()
  while (locked.lost().aborted) await systemClock.turn()
  await Promise.all([locked.release(), other.release()])
})

test('a lease whose row is locked is released within a second, and no other one with it', async (context) => {
  const leases = leased.leasesOf(long)
  const [locked, other] = [leases.open('released', 'holder'), leases.open('kept', 'holder')]
  await Promise.all([locked.acquire(context.signal), other.acquire(context.signal)])
  const term = await leased.termOf('kept')
  const unlock = await lockRow('released')
  const startedMs = systemClock.monotonicMs()
  await locked.release()
  assert.ok(systemClock.monotonicMs() - startedMs < 1_500)
  await unlock()
  const next = leased.leasesOf(long).open('released', 'next')
  assert.equal(await acquireOnce(next), 'ours')
  // Long enough to have it again on another connection.
  await systemClock.sleep(300)
  assert.equal(await leased.termOf('kept'), term)
  await Promise.all([next.release(), other.release()])
})

test('a lease that could not be had is not taken for held in this process', async () => {
  const leases = leased.leasesOf(long)
  const [first, second] = [leases.open('q', 'first'), leases.open('q', 'second')]
  assert.equal(await acquireOnce(first), 'ours')
  await first.release()
  const unlock = await lockRow('q')
  assert.equal(await acquireOnce(first), 'unreachable')
  await unlock()
  assert.equal(await acquireOnce(second), 'ours')
  await second.release()
})

test('a lease that was lost by time and is had again leaves no lock behind', async (context) => {
  const leases = leased.leasesOf(quick)
  const other = leases.open('goes on', 'holder')
  const lost = leases.open('is lost', 'holder', { mayRenew: () => false })
  await other.acquire(context.signal)
  for (let times = 0; times < 3; times += 1) {
    await lost.acquire(context.signal)
    while (!lost.lost().aborted) await systemClock.turn()
  }
  await lost.acquire(context.signal)
  assert.equal(await locks(), 2)
  await Promise.all([other.release(), lost.release()])
})

test('what is held is asked for no more once the leases are closed', async (context) => {
  const leases = leased.leasesOf(quick)
  const lease = leases.open('closed', 'holder')
  await lease.acquire(context.signal)
  await leases.close()
  while (!lease.lost().aborted) await systemClock.turn()
  assert.equal(await leased.sessions(), 0)
  // Not released: whoever asked on would keep this process from its end.
})

async function lockRow(name: string): Promise<() => Promise<void>> {
  const client = await leased.admin.connect()
  await client.query('begin')
  await client.query('select from lease where name = $1 for update', [name])
  return async () => {
    await client.query('rollback')
    client.release()
  }
}

/** How many session locks the leases of all processes have. */
async function locks(): Promise<number> {
  const { rowCount } = await leased.admin.query(`select from pg_locks join pg_database on pg_database.oid = database
    where locktype = 'advisory' and mode = 'ExclusiveLock' and datname = current_database()`)
  return rowCount ?? 0
}
