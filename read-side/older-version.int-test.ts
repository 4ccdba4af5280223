import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openMemoryLog } from '@micropay/event-log/memory/event-log'
import type { Projection } from '@micropay/projections/projection'
import { systemClock } from '@micropay/runtime/clock'
import { Problem } from '@micropay/schemas/api/problem'
import { type ReadServices, type ServiceName, serviceNames, startReadServices } from './read-services.fixture.ts'
import { type Book, writeBook } from './two-tenants.fixture.ts'

let services: ReadServices
let book: Book

before(async () => {
  const log = openMemoryLog()
  await log.prepare(1)
  const appender = await log.openAppender(0)
  book = writeBook()
  await appender.append(book.records)
  await appender.close()
  services = await startReadServices(log)
})
after(() => services.close())

/** Columns that the code before did not have, of tables that are read whole: what is missing is no error there. */
const newer: Readonly<Record<ServiceName, string>> = {
  accounts: 'account drop owner_reference, drop path, drop frozen',
  reconciliation: 'bank_statement drop sha256, drop import_id',
  audit: 'record drop tenant',
}

const paths: Readonly<Record<ServiceName, () => readonly string[]>> = {
  accounts: () => ['/v1/accounts', '/v1/accounts/ada:main', '/v1/accounts/ada:main/entries', '/v1/payments'],
  reconciliation: () => ['/v1/trial-balance', '/v1/reconciliations', '/v1/reconciliations/jan?account=bank'],
  audit: () => ['/v1/audit/accounts/ada:main/replay', `/v1/audit/records/0/${book.at('acme', 'sale')}`],
}

for (const name of serviceNames) {
  test(`while the tables of ${name} are of an older version none is read, until the next is built`, async () => {
    const { app, pool, projection, project } = services[name]
    const before = project(olderThan(projection))
    const schema = await live(name, projection.version - 1)
    await before.close()
    await pool.query(`alter table ${schema}.${newer[name]}`)
    for (const path of paths[name]()) {
      const answer = await get(name, path, 'wait=0')
      assert.equal(answer.statusCode, 503, `${path}: ${answer.body}`)
      const { code, detail } = Problem.parse(answer.json())
      assert.deepEqual([code, detail], ['projection_behind', 'the read model is being built: ask again soon'])
      assert.equal(answer.headers['retry-after'], '2')
      assert.equal((await get(name, path, 'wait=0, handling=lenient')).statusCode, 503, path)
    }
    const ready = await app.inject('/health/ready')
    assert.equal(ready.statusCode, 503)
    assert.match(ready.body, /"reason":"the read model is being built"/)

    const waiting = paths[name]().map((path) => get(name, path, 'wait=10'))
    project()
    for (const answer of await Promise.all(waiting)) assert.equal(answer.statusCode, 200, answer.body)
    while ((await app.inject('/health/ready')).statusCode !== 200) await systemClock.sleep(10)
  })
}

function olderThan(projection: Projection): Projection {
  return { ...projection, version: projection.version - 1 }
}

async function get(name: ServiceName, url: string, prefer: string) {
  const headers = { authorization: 'staff acme', prefer }
  return services[name].app.inject({ method: 'GET', url, headers })
}

/** The schema of the live version, once it has everything. */
async function live(name: ServiceName, version: number): Promise<string> {
  for (;;) {
    const found = await services[name].pool
      .query(
        `select schema_name from projection.version join projection.checkpoint using (schema_name)
         where state = 'live' and version = $1 and seq = $2 and caught_up_at is not null`,
        [version, book.ledger.position().seq],
      )
      .catch(() => undefined)
    const schema: unknown = found?.rows[0]?.schema_name
    if (typeof schema === 'string') return schema
    await systemClock.sleep(10)
  }
}
