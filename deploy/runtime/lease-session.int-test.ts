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
  const leases = leased.leasesOf(quick)
  const names = Array.from({ length: 64 }, (_, index) => `many ${index}`)
  const held = names.map((name) => leases.open(name, 'holder'))
  await Promise.all(held.map((lease) => lease.acquire(context.signal)))
  assert.equal(await leased.sessions(), 1)
  // Each outlives its time several times over.
  await systemClock.sleep(4 * quick.ttlMs)
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
