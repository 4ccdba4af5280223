import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Pool } from 'pg'
import { systemClock } from './clock.ts'
import { type LeaseDatabase, log, long, makeLeaseDatabase, quick } from './leases.fixture.ts'
import { acquireOnce, type LeaseTimes, whileLeased } from './leases.ts'
import { openLeases } from './open-leases.ts'
import { openTcpProxyTo } from './tcp-proxy.fixture.ts'
import type { TestDatabase } from './test-database.fixture.ts'

let leased: LeaseDatabase
let database: TestDatabase
let admin: Pool

before(async () => {
  leased = await makeLeaseDatabase()
  ;({ database, admin } = leased)
})
after(() => leased.close())

test('one worker has a lease, another waits, and gets it when it is given back', async (context) => {
  const leases = leased.leasesOf(quick)
  const [first, second] = [leases.open('a', 'first'), leases.open('a', 'second')]
  assert.equal(await first.acquire(context.signal), true)
  let waits = 0
  const waited = Promise.withResolvers<void>()
  const acquired = second.acquire(context.signal, (why) => {
    assert.equal(why, 'held')
    waits += 1
    if (waits === 30) waited.resolve()
  })
  await waited.promise
  assert.equal(await leased.ownerOf('a'), 'first', 'a lease that is renewed outlives its time')
  await first.release()
  assert.equal(first.lost().aborted, true)
  assert.equal(await acquired, true)
  assert.equal(await leased.ownerOf('a'), 'second')
  await second.release()
  assert.deepEqual(await leases.holders(['a']), [])
})

test('a wait can be given up', async () => {
  const leases = leased.leasesOf(long)
  const held = leases.open('b', 'first')
  await held.acquire(new AbortController().signal)
  assert.equal(await leases.open('b', 'second').acquire(AbortSignal.timeout(50)), false)
  const [holder] = await leases.holders(['b', 'unknown'])
  assert.equal(holder?.ownerId, 'first')
  assert.ok(holder.expiresAt > holder.acquiredAt)
  await held.release()
})

test('a worker of before, which has no session lock, has its lease for its time', async (context) => {
  await admin.query(`insert into lease values ('c', 'older', now(), now() + interval '1 hour')`)
  const lease = leased.leasesOf(long).open('c', 'newer')
  assert.equal(await acquireOnce(lease), 'held')
  await admin.query(`update lease set expires_at = now() - interval '1 ms' where name = 'c'`)
  assert.equal(await lease.acquire(context.signal), true)
  const took = await admin.query(
    `insert into lease values ('c', 'older', now(), now()) on conflict (name) do update set owner_id = 'older'
     where lease.owner_id = 'older' or lease.expires_at < now()`,
  )
  assert.equal(took.rowCount, 0, 'nor does it take one of ours')
  await lease.release()
})

test('a worker of before that took over has its lease for its time, though no session holds it', async (context) => {
  const leases = leased.leasesOf(long)
  const lease = leases.open('d', 'worker-1')
  await lease.acquire(context.signal)
  // By the same name, after a way back to its code: it keeps the columns that it does not know.
  await admin.query(`update lease set expires_at = now() + interval '2 hours' where name = 'd'`)
  await leased.endSessions()
  assert.equal(await acquireOnce(leases.open('d', 'worker-2')), 'held')
  await lease.release()
})

test('a projection of before keeps others out by a session lock with the name of the lease', async (context) => {
  const older = await admin.connect()
  await older.query(`select pg_advisory_lock(hashtextextended('e', 0))`)
  const lease = leased.leasesOf(long).open('e', 'newer')
  assert.equal(await acquireOnce(lease), 'held')
  older.release(true)
  assert.equal(await lease.acquire(context.signal), true)
  await lease.release()
})

test('the lease of a worker that was killed ends with it, and not by time', { timeout: 30_000 }, async (context) => {
  const worker = await holder('f', long)
  const waiting = leased.leasesOf(long).open('f', 'standby')
  assert.equal(await acquireOnce(waiting), 'held')
  worker.kill('SIGKILL')
  assert.equal(await waiting.acquire(context.signal), true)
  await waiting.release()
})

test('a worker that stands still loses its lease by time, and learns that', { timeout: 30_000 }, async (context) => {
  const worker = await holder('g', quick)
  const lost = once(worker, 'message')
  worker.kill('SIGSTOP')
  const lease = leased.leasesOf(long).open('g', 'standby')
  assert.equal(await lease.acquire(context.signal), true)
  worker.kill('SIGCONT')
  assert.deepEqual((await lost)[0], 'lost')
  assert.equal(await leased.ownerOf('g'), 'standby')
  worker.kill('SIGKILL')
  await lease.release()
})

test('a holder whose connection died without a word has its lease on another one', {
  timeout: 30_000,
}, async (context) => {
  await using proxy = await openTcpProxyTo(database.url)
  const lease = leased.leasesOf({ ttlMs: 20_000, retryMs: 20 }, proxy.through(database.url)).open('h', 'holder')
  await lease.acquire(context.signal)
  const before = await leased.termOf('h')
  // The server keeps the session, and with it the lock of that term.
  proxy.set('hold')
  while (proxy.swallowedBytes() === 0) await systemClock.turn()
  proxy.set('pass')
  while ((await leased.termOf('h')) === before) await systemClock.turn()
  assert.equal(lease.lost().aborted, false)
  await lease.release()
})

test('one that waits on a connection that died without a word asks on another one', {
  timeout: 30_000,
}, async (context) => {
  await using proxy = await openTcpProxyTo(database.url)
  const held = leased.leasesOf(long).open('i', 'holder')
  await held.acquire(context.signal)
  const unreachable = Promise.withResolvers<void>()
  const standby = leased.leasesOf(quick, proxy.through(database.url)).open('i', 'standby')
  const acquired = standby.acquire(context.signal, (why) => {
    if (why === 'unreachable') unreachable.resolve()
    else proxy.set('hold')
  })
  await unreachable.promise
  proxy.set('pass')
  await held.release()
  assert.equal(await acquired, true)
  await standby.release()
})

test('a holder that may not renew loses its lease by time', async (context) => {
  let getsOn = true
  const stuck = leased.leasesOf(quick).open('j', 'stuck', { mayRenew: () => getsOn })
  await stuck.acquire(context.signal)
  const standby = leased.leasesOf(long).open('j', 'standby')
  assert.equal(await acquireOnce(standby), 'held')
  const lost = once(stuck.lost(), 'abort')
  getsOn = false
  assert.equal(await standby.acquire(context.signal), true)
  await lost
  getsOn = true
  assert.equal(await acquireOnce(stuck), 'held')
  await standby.release()
  await stuck.release()
})

test('a lease that nobody else took is had again once its holder gets on', async (context) => {
  let getsOn = false
  const lease = leased.leasesOf(quick).open('k', 'alone', { mayRenew: () => getsOn })
  await lease.acquire(context.signal)
  await once(lease.lost(), 'abort')
  getsOn = true
  while (lease.lost().aborted) await systemClock.turn()
  assert.equal(await leased.ownerOf('k'), 'alone')
  await lease.release()
})

test('a release, and giving up a wait, take a second at most when nobody answers', {
  timeout: 30_000,
}, async (context) => {
  await using proxy = await openTcpProxyTo(database.url)
  const leases = leased.leasesOf(long, proxy.through(database.url))
  const lease = leases.open('l', 'holder')
  await lease.acquire(context.signal)
  const waiting = new AbortController()
  const first = Promise.withResolvers<void>()
  const acquired = leases.open('l', 'standby').acquire(waiting.signal, () => first.resolve())
  await first.promise
  proxy.set('hold')
  const late = systemClock.deadline(1_900)
  await lease.release()
  waiting.abort()
  assert.equal(await acquired, false)
  await leases.close()
  assert.equal(late.aborted, false)
})

test('a database that is out of reach is told from a lease that another has', async () => {
  const url = new URL(database.url)
  url.port = '1'
  assert.equal(await acquireOnce(leased.leasesOf(quick, url.href).open('m', 'holder')), 'unreachable')
})

test('what is done under a lease ends with it, and is done again', async () => {
  const leases = leased.leasesOf(long)
  const stop = new AbortController()
  const given: AbortSignal[] = []
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const lease = leases.open('n', 'holder')
  const running = whileLeased({ lease, clock: systemClock, log, signal: stop.signal }, async (signal) => {
    given.push(signal)
    if (given.length === 1) first.resolve()
    else second.resolve()
    if (!signal.aborted) await once(signal, 'abort')
  })
  await first.promise
  // As another one leaves it that came when its time was over.
  await admin.query(`update lease set term = 0, tenant = 'other', expires_at = now() where name = 'n'`)
  await leased.endSessions()
  await second.promise
  assert.deepEqual(
    given.map((signal) => signal.aborted),
    [true, false],
  )
  stop.abort()
  await running
  const next = leases.open('n', 'next')
  assert.equal(await acquireOnce(next), 'ours')
  await next.release()
})

test('the table may be in a schema of its own, which many make at once', async () => {
  const each = Array.from({ length: 5 }, () =>
    openLeases({ url: database.url, clock: systemClock, log, schema: 'projection', times: long }),
  )
  const leases = each.map((one, index) => one.open('o', `worker-${index}`))
  const answers = await Promise.all(leases.map(acquireOnce))
  assert.deepEqual(answers.toSorted(), ['held', 'held', 'held', 'held', 'ours'])
  assert.equal((await each[0]?.holders(['o']))?.length, 1)
  for (const lease of leases) await lease.release()
  for (const one of each) await one.close()
})

/** Another process that holds the lease, and says `held`, and `lost`. */
async function holder(name: string, times: LeaseTimes) {
  const program = fileURLToPath(new URL('./lease-holder.fixture.ts', import.meta.url))
  const child = fork(program, [database.url, name, JSON.stringify(times)])
  assert.deepEqual((await once(child, 'message'))[0], 'held')
  return child
}
