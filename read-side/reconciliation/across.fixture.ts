import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { createPartitions, idOn } from '@micropay/event-log/across.fixture'
import type { Appender } from '@micropay/event-log/event-log'
import { openMemoryLog } from '@micropay/event-log/memory/event-log'
import { reconciliationProjection } from '@micropay/projections/reconciliation/projection'
import { type ReconciliationTables, reconciliationVersion } from '@micropay/projections/reconciliation/tables'
import { startWorker, type Worker } from '@micropay/projections/serve/worker'
import { type OpenTestDatabase, openTestDatabase } from '@micropay/projections/versions/test-database.fixture'
import { systemClock } from '@micropay/runtime/clock'
import type { Http } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import { UnderWay } from '@micropay/schemas/api/reconciliation'
import { OwnerId } from '@micropay/schemas/identifiers'
import { type OpenReader, openReader } from '../position/open-reader.ts'
import { buildReconciliationApp } from './build-reconciliation-app.ts'

/** A ledger of three partitions, and the queries of its books, which are shown as much of it as a test wants. */
export const [ada, bank, cid] = [idOn(0, 3, 'ada'), idOn(1, 3, 'bank'), idOn(2, 3, 'cid')]
export const ledger = createPartitions(3)
for (const account of [ada, bank, cid]) ledger.open(account)
const log = openMemoryLog()
const logger = createLogger('test', 'silent')
const shown = [0, 0, 0]
let appenders: Appender[]
let database: OpenTestDatabase
let reader: OpenReader<ReconciliationTables>
let worker: Worker
let app: Http

before(async () => {
  database = await openTestDatabase()
  await log.prepare(3)
  appenders = await Promise.all([0, 1, 2].map((partition) => log.openAppender(partition)))
  const source = { databaseUrl: database.url, clock: systemClock, logger }
  reader = openReader<ReconciliationTables>({
    ...source,
    service: 'reconciliation',
    version: reconciliationVersion.version,
  })
  app = await buildReconciliationApp({
    ...{ ...reader, logger, cursorSecret: 'a secret for tests alone' },
    verifyToken: async () => ({
      ...{ subject: OwnerId.parse('finance:fay'), tenant: 'acme', scopes: new Set(['reconciliation:read']) },
      ...{ expiresAt: Date.now() + 3_600_000, client: 'tests' },
    }),
  })
  for (const partition of shown.keys()) await append(partition)
  worker = startWorker({ ...source, log, pool: database.pool, projection: reconciliationProjection })
  for (const partition of shown.keys()) await awaitRead(partition)
})
after(async () => {
  await app?.close()
  await worker?.close()
  await reader?.close()
  await log.close()
  await database?.close()
})

async function append(partition: number): Promise<void> {
  const records = ledger.records[partition] ?? []
  await appenders[partition]?.append(records.slice(shown[partition]))
  shown[partition] = records.length
}
async function awaitRead(partition: number): Promise<void> {
  const { seq } = ledger.ledgerOf(partition).position()
  await get('/v1/under-way', { 'at-least': `${partition}:${seq}`, prefer: 'wait=10' })
}
export async function show(partition: number): Promise<void> {
  await append(partition)
  await awaitRead(partition)
}
export async function get(url: string, headers: Record<string, string> = {}) {
  const response = await app.inject({ method: 'GET', url, headers: { authorization: 'Bearer fay', ...headers } })
  assert.equal(response.statusCode, 200, response.body)
  return response
}

export const underWay = async () => UnderWay.parse((await get('/v1/under-way')).json())
