import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { systemClock } from './clock.ts'
import { type LeaseDatabase, long, makeLeaseDatabase, quick } from './leases.fixture.ts'

let leased: LeaseDatabase
before(async () => {
  leased = await makeLeaseDatabase()
})
after(() => leased.close())

test('whoever looks sees who has which lease, and what that one says of itself', async (context) => {
  const leases = leased.leasesOf(long)
  assert.deepEqual(await leases.held('a/'), [], 'where nobody has asked for one yet')
  let said = 'first'
  const [one, two] = [leases.open('a/1', 'holder', { said: () => said }), leases.open('b/1', 'holder')]
  await Promise.all([one.acquire(context.signal), two.acquire(context.signal)])
  assert.deepEqual(await leases.held('a/'), [{ name: 'a/1', ownerId: 'holder', said: 'first' }])
  said = 'second'
  one.renew()
  while ((await leases.held('a/'))[0]?.said !== 'second') await systemClock.turn()
  assert.deepEqual(await leases.held('b/'), [{ name: 'b/1', ownerId: 'holder', said: undefined }])
  await one.release()
  assert.deepEqual(await leases.held('a/'), [])
  await two.release()
})

test('a lease whose holder is cut off is held no more, long before its time', async (context) => {
  const holder = leased.leasesOf(long)
  const lease = holder.open('cut/off', 'holder')
  await lease.acquire(context.signal)
  await holder.close()
  const leases = leased.leasesOf(long)
  while ((await leases.held('cut/')).length > 0) await systemClock.turn()
  await lease.release()
})

test('what is told of a lease is heard by those who have others, and ends a wait for it', async (context) => {
  const heard: string[] = []
  const [mine, theirs] = [leased.leasesOf({ ...long, retryMs: 60_000 }), leased.leasesOf(long)]
  mine.onChange((name) => heard.push(name))
  const other = mine.open('other', 'me')
  await other.acquire(context.signal)
  const lease = theirs.open('passed on', 'them')
  await lease.acquire(context.signal)
  while (!heard.includes('passed on')) await systemClock.turn()
  const waited = Promise.withResolvers<void>()
  const next = mine.open('passed on', 'me')
  const had = next.acquire(context.signal, () => waited.resolve())
  await waited.promise
  await lease.release()
  assert.equal(await had, true, 'and not after a minute')
  await Promise.all([other.release(), next.release()])
})

test('leases that nobody has had for a day are forgotten, and no others', async (context) => {
  const leases = leased.leasesOf(quick)
  const [old, held] = [leases.open('w/old', 'old'), leases.open('w/held', 'held')]
  await Promise.all([old.acquire(context.signal), held.acquire(context.signal)])
  await old.release()
  await leased.admin.query(`update lease set acquired_at = now() - interval '2 days' where name like 'w/%'`)
  await leases.forget('w/')
  assert.equal(await leased.ownerOf('w/old'), undefined)
  assert.equal(await leased.ownerOf('w/held'), 'held')
  await held.release()
})
