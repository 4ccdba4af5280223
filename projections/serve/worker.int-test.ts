import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { createLedger, readInSteps } from '@micropay/event-log/ledger.fixture'
import { openMemoryLog } from '@micropay/event-log/memory/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { acquireOnce } from '@micropay/runtime/leases'
import { createLogger } from '@micropay/runtime/logger'
import { openLeases } from '@micropay/runtime/open-leases'
import { ProjectionStatusList } from '@micropay/schemas/api/projection'
import { OwnerId } from '@micropay/schemas/identifiers'
import { Pool } from 'pg'
import { accountsProjection } from '../accounts/projection.ts'
import { keepFollowing } from '../follow/keep-following.ts'
import {
  assertConsistent,
  balancesOf,
  begunSchema,
  eventually,
  liveSchema,
  reached,
  startProjections,
} from '../versions/projections.fixture.ts'
import { beginRebuild } from '../versions/rebuild.ts'
import { openTestDatabase } from '../versions/test-database.fixture.ts'
import { prepareVersions } from '../versions/versions.ts'
import { buildProjectionsApp } from './build-projections-app.ts'
import { projectionStatus } from './status.ts'
import { startWorker } from './worker.ts'

let projections: Awaited<ReturnType<typeof startProjections>>
beforeEach(async () => {
  projections = await startProjections()
})
afterEach(() => projections.close())

const external = { type: 'external', overdraftLimit: 'unlimited' } as const
async function openBook() {
  const ledger = createLedger()
  await projections.append(ledger.genesis(), ledger.claim(), ledger.open('cash', external), ledger.open('ada'))
  return ledger
}

test('a ledger is projected, and a worker that starts anew goes on where the last one ended', async () => {
  const ledger = await openBook()
  await projections.append(ledger.pay([['cash', 'ada', 100]]), ledger.heartbeat())
  const first = projections.startWorker()
  await reached(projections.pool, 3)
  await first.close()
  await projections.append(ledger.claim(), ledger.pay([['ada', 'cash', 30]]), ledger.refuse({ postings: [] }))
  projections.startWorker()
  const schema = await reached(projections.pool, 5)
  assert.deepEqual(await balancesOf(projections.pool, schema), { ada: '70', cash: '-70' })
  await assertConsistent(projections.pool, schema, 3, 2)
})

test('after many commits at once statistics are gathered, so that queries are planned by what is there now', async () => {
  const ledger = await openBook()
  for (let count = 0; count < 20_000; count += 2_000) {
    await projections.append(...Array.from({ length: 2_000 }, () => ledger.pay([['cash', 'ada', 1]])))
  }
  const { pool } = projections
  projections.startWorker()
  const schema = await reached(pool, ledger.position().seq)
  await eventually('all tables are analyzed', async () => {
    const found = await pool.query('select 1 from pg_stat_user_tables where schemaname = $1 and last_analyze is null', [
      schema,
    ])
    return found.rowCount === 0 ? true : undefined
  })
})

test('two followers that believe to be alone apply every commit once', async () => {
  const { pool } = projections
  const { schema } = await prepareVersions(pool, accountsProjection, 1)
  const ledger = await openBook()
  const stop = new AbortController()
  const source = { ...projections, log: readInSteps(projections.log, 7), schema, partition: 0 }
  const steppedBack: string[] = []
  const stopped: string[] = []
  const status = {
    going: () => undefined,
    waiting: (reason: string) => void steppedBack.push(reason),
    stopped: (reason: string) => void stopped.push(reason),
  }
  const followers = [1, 2, 3].map(() => keepFollowing(source, status, stop.signal))
  let paid = 0
  // They meet as they are scheduled: where they have not yet, there are more commits to meet over.
  while (paid < 500 || (steppedBack.length === 0 && paid < 10_000)) {
    await projections.append(...Array.from({ length: 5 }, () => ledger.pay([['cash', 'ada', 1]])))
    paid += 5
  }
  await reached(pool, paid + 2)
  stop.abort()
  await Promise.all(followers)
  assert.deepEqual(stopped, [], 'the swap of the checkpoint holds them off, before any key is written twice')
  assert.ok(steppedBack.length > 0)
  assert.deepEqual(await balancesOf(pool, schema), { ada: `${paid}`, cash: `-${paid}` })
  await assertConsistent(pool, schema, paid, paid)
})

test('connections that are cut while batches are written lose and repeat nothing', async () => {
  const ledger = await openBook()
  // The test looks on through connections that are spared.
  const observer = new Pool({ connectionString: projections.databaseUrl, application_name: 'observer' })
  projections.startWorker()
  projections.startWorker()
  for (let round = 0; round < 40; round += 1) {
    await projections.append(...Array.from({ length: 50 }, () => ledger.pay([['cash', 'ada', 1]])))
    if (round % 5 === 4) {
      await observer.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name <> 'observer' and backend_type = 'client backend'`,
      )
    }
  }
  const schema = await reached(observer, 2_002)
  assert.deepEqual(await balancesOf(observer, schema), { ada: '2000', cash: '-2000' })
  await assertConsistent(observer, schema, 2_000, 2_000)
  await observer.end()
})

test('a record that cannot be read stops the partition: what is before it is applied, and the status says why', async () => {
  const ledger = await openBook()
  await projections.append(ledger.pay([['cash', 'ada', 5]]))
  await projections.append({ key: 'x', value: new TextEncoder().encode('{"not":"a record"}') })
  await projections.append(ledger.pay([['cash', 'ada', 7]]))
  const worker = projections.startWorker()
  const status = await eventually('the partition stops', async () => {
    const [first] = await projectionStatus(projections.pool, projections.log, systemClock).catch(() => [])
    return first?.stopped ? first : undefined
  })
  assert.match(status.stopped ?? '', /its bytes are no record any more after 0:3 \(offset 5 of the log\)/)
  assert.deepEqual([status.position, status.lagRecords, status.state], ['0:3', 2, 'live'])
  assert.equal(worker.notReadyBecause(), undefined, 'it can be asked, so that it is seen')
  assert.match(worker.troubledBy() ?? '', /partition 0 stopped: a record was changed/)
  assert.deepEqual(await balancesOf(projections.pool, status.schema), { ada: '5', cash: '-5' })
})

test('a ledger of another number of partitions is refused', async () => {
  const ledger = createLedger(0, 4)
  await projections.append(ledger.genesis(), ledger.claim())
  const worker = projections.startWorker()
  await eventually('the partition stops', async () =>
    /began with 4 partitions and its log has 1/.test(worker.troubledBy() ?? '') ? true : undefined,
  )
})

test('a worker begins no ledger: it waits for its log, and follows as many partitions as that has', async () => {
  const database = await openTestDatabase()
  const log = openMemoryLog()
  const deps = { log, pool: database.pool, databaseUrl: database.url, clock: systemClock }
  const worker = startWorker({ ...deps, logger: createLogger('test', 'silent'), projection: accountsProjection })
  await eventually('it says what it waits for', async () =>
    /no ledger in this log yet/.test(worker.notReadyBecause() ?? '') ? true : undefined,
  )
  assert.equal(await log.partitions(), undefined)
  await log.prepare(3)
  await eventually('it follows all of them', async () => {
    const statuses = await projectionStatus(database.pool, log, systemClock).catch(() => [])
    return statuses.map(({ position }) => position).join() === '0:0,1:0,2:0' ? true : undefined
  })
  await worker.close()
  await log.close()
  await database.close()
})

test('each partition is followed on its own, and a rebuild switches all of them together', async () => {
  const wide = await startProjections(2)
  const [left, right] = [createLedger(0, 2), createLedger(1, 2)]
  const appender = await wide.log.openAppender(1)
  await wide.append(left.genesis(), left.claim(), left.open('cash', external), left.open('ada'))
  await appender.append([right.genesis(), right.claim()])
  await appender.append([right.open('till', external), right.open('bob'), right.pay([['till', 'bob', 9]])])
  const worker = wide.startWorker()
  const rowsOf = async () => {
    const statuses = await projectionStatus(wide.pool, wide.log, systemClock).catch(() => [])
    return statuses.filter((row) => row.state === 'live').map((row) => row.position)
  }
  const wanted = (positions: string) => async () => ((await rowsOf()).join() === positions ? true : undefined)
  await eventually('both partitions are there', wanted('0:2,1:3'))
  const schema = await begunSchema(worker.startRebuild())
  assert.ok(schema)
  await eventually('the rebuild is live', async () => ((await liveSchema(wide.pool)) === schema ? true : undefined))
  assert.deepEqual(await rowsOf(), ['0:2', '1:3'])
  await wide.append(left.pay([['cash', 'ada', 4]]))
  await eventually('the new version goes on', wanted('0:3,1:3'))
  assert.deepEqual(await balancesOf(wide.pool, schema), { ada: '4', bob: '9', cash: '-4', till: '-9' })
  await wide.close()
})

test('a rebuild makes the same rows in a schema of its own, and leaves one to go back to', async () => {
  const ledger = await openBook()
  await projections.append(...Array.from({ length: 300 }, () => ledger.pay([['cash', 'ada', 2]])))
  const worker = projections.startWorker()
  const first = await reached(projections.pool, 302)
  const second = await begunSchema(worker.startRebuild())
  await eventually('the rebuild is live', async () =>
    (await liveSchema(projections.pool)) === second ? true : undefined,
  )
  assert.notEqual(second, first)
  await projections.append(ledger.pay([['cash', 'ada', 2]]))
  const live = await reached(projections.pool, 303)
  assert.equal(live, second)
  await assertConsistent(projections.pool, live, 301, 301)
  const third = await eventually('the next rebuild begins', () => begunSchema(worker.startRebuild()))
  await eventually('it is live', async () => ((await liveSchema(projections.pool)) === third ? true : undefined))
  const schemas = (await projectionStatus(projections.pool, projections.log, systemClock)).map((row) => [
    row.schema,
    row.state,
  ])
  assert.deepEqual(schemas.slice(0, 2), [
    [third, 'live'],
    [second, 'retired'],
  ])
})

test('what a rebuild that crashed has left is cleaned by the next one', async () => {
  await openBook()
  const worker = projections.startWorker()
  await reached(projections.pool, 2)
  const left = await beginRebuild(projections.pool, accountsProjection, 1)
  const next = await begunSchema(worker.startRebuild())
  assert.ok(next)
  await eventually('the rebuild is live', async () =>
    (await liveSchema(projections.pool)) === next ? true : undefined,
  )
  const schemas = await projections.pool.query('select 1 from pg_namespace where nspname = $1', [left])
  assert.equal(schemas.rowCount, 0)
})

test('what a crashed rebuild has left is gone once a worker starts, but not while another one builds', async () => {
  await openBook()
  const first = projections.startWorker()
  const live = await reached(projections.pool, 2)
  await first.close()
  const left = await beginRebuild(projections.pool, accountsProjection, 1)
  const states = async () => {
    const found = await projections.pool.query('select schema_name, state from projection.version order by made_at')
    return found.rows.map((row) => `${row.schema_name} ${row.state}`)
  }
  const leases = openLeases({
    ...{ url: projections.databaseUrl, clock: systemClock, log: projections.logger, schema: 'projection' },
  })
  const building = leases.open('rebuild accounts/accounts', 'another worker')
  assert.equal(await acquireOnce(building), 'ours')
  const second = projections.startWorker()
  await eventually('the worker is ready', async () => (second.notReadyBecause() === undefined ? true : undefined))
  assert.deepEqual(await states(), [`${live} live`, `${left} building`])
  await second.close()
  await building.release()
  const third = projections.startWorker()
  await eventually('the worker is ready', async () => (third.notReadyBecause() === undefined ? true : undefined))
  assert.deepEqual(await states(), [`${live} live`])
})

test('the routes need their scopes, and a second rebuild at once is a 409', async () => {
  const ledger = await openBook()
  await projections.append(...Array.from({ length: 3_000 }, () => ledger.pay([['cash', 'ada', 2]])))
  const worker = projections.startWorker()
  await reached(projections.pool, 3_002)
  const verifyToken = async (scope: string | undefined) => ({
    subject: OwnerId.parse('sre:sam'),
    client: 'tests',
    tenant: 'acme',
    scopes: new Set([scope ?? '']),
    expiresAt: Date.now() + 60_000,
  })
  const app = await buildProjectionsApp({ ...projections, worker, verifyToken })
  const rebuild = (scope: string) =>
    app.inject({ method: 'POST', url: '/v1/projections/accounts/rebuild', headers: { authorization: scope } })
  assert.equal((await rebuild('platform:read')).statusCode, 403)
  const answers = await Promise.all([rebuild('platform:operate'), rebuild('platform:operate')])
  assert.deepEqual(answers.map((answer) => answer.statusCode).sort(), [202, 409])
  const list = await app.inject({
    method: 'GET',
    url: '/v1/projections',
    headers: { authorization: 'platform:read' },
  })
  assert.equal(list.statusCode, 200)
  for (const answer of [list, ...answers]) assert.equal(answer.headers['cache-control'], 'private, no-store')
  const { items } = ProjectionStatusList.parse(list.json())
  assert.ok(items.some((item) => item.state === 'live' && item.position === '0:3002' && item.stopped === null))
  const live = items.find((item) => item.state === 'live')
  assert.ok((live?.ratePerSecond ?? 0) > 0, 'its rate is that of ten seconds, though it has caught up')
  await app.close()
})
