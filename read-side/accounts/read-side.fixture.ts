import type { NewRecord } from '@micropay/event-log/event-log'
import { createLedger, type Ledger } from '@micropay/event-log/ledger.fixture'
import { openMemoryLog } from '@micropay/event-log/memory/event-log'
import { accountsProjection } from '@micropay/projections/accounts/projection'
import { type AccountsDatabase, accountsVersion } from '@micropay/projections/accounts/tables'
import { startWorker, type Worker } from '@micropay/projections/serve/worker'
import { openTestDatabase } from '@micropay/projections/versions/test-database.fixture'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openTcpProxyTo } from '@micropay/runtime/tcp-proxy.fixture'
import { TokenError, type VerifyToken } from '@micropay/runtime/verify-token'
import type { Caller } from '@micropay/schemas/api/token'
import { OwnerId } from '@micropay/schemas/identifiers'
import { openReader } from '../position/open-reader.ts'

import { buildAccountsApp } from './build-accounts-app.ts'

/**
 * The read-side on a real database, which it reaches by a proxy that tests may spoil, with a ledger that they write to.
 * The projection runs once `project` was called. `ledger` and `append` are of its first partition.
 */
export async function startReadSide(partitions = 1) {
  const database = await openTestDatabase()
  const logger = createLogger('read-side', 'silent')
  const log = openMemoryLog()
  await log.prepare(partitions)
  const appenders = await Promise.all(Array.from({ length: partitions }, (_, partition) => log.openAppender(partition)))
  const ledger: Ledger = createLedger(0, partitions)
  const proxy = await openTcpProxyTo(database.url)
  const { version } = accountsVersion
  const options = { service: 'accounts', version, databaseUrl: proxy.through(database.url), clock: systemClock, logger }
  const reader = openReader<AccountsDatabase>(options)
  const app = await buildAccountsApp({
    ...reader,
    logger,
    verifyToken: verifyTestToken,
    cursorSecret: 'a secret for tests alone',
  })
  let worker: Worker | undefined
  return {
    app,
    feed: reader.feed,
    ledger,
    database,
    proxy,
    project() {
      const { url: databaseUrl, pool } = database
      worker = startWorker({
        log,
        pool,
        databaseUrl,
        clock: systemClock,
        logger,
        projection: accountsProjection,
      })
      return worker
    },
    append: (...records: NewRecord[]) => appenders[0]?.append(records),
    appendTo: (partition: number, records: readonly NewRecord[]) => appenders[partition]?.append(records),
    get: (path: string, who: string, headers: Record<string, string> = {}) =>
      app.inject({ method: 'GET', url: path, headers: { authorization: `Bearer ${who}`, ...headers } }),
    async close() {
      await app.close()
      await worker?.close()
      await reader.close()
      await proxy.close()
      await log.close()
      await database.close()
    },
  }
}

export type ReadSideFixture = Awaited<ReturnType<typeof startReadSide>>

/**
 * `ada`, `bob`: customers. `finance`: sees all of the tenant. `other-finance`: another tenant's. `ada-expiring`: for
 * two seconds more. `approver`: decides proposals; `auditor`: sees them; `maker`: Ada as one who
 * proposes; `other-maker`: Bob.
 */
export const verifyTestToken: VerifyToken = async (authorization) => {
  const who = authorization?.replace('Bearer ', '') ?? ''
  const all = new Set(['accounts:read:any'])
  const own = new Set(['accounts:read'])
  const deciding = new Set(['approvals:decide'])
  const auditing = new Set(['audit:read'])
  const making = new Set(['payments:make'])
  const inAnHour = Date.now() + 3_600_000
  const callers: Record<string, Omit<Caller, 'client'>> = {
    ada: { subject: OwnerId.parse('customer:ada'), tenant: 'acme', scopes: own, expiresAt: inAnHour },
    'ada-expiring': {
      subject: OwnerId.parse('customer:ada'),
      tenant: 'acme',
      scopes: own,
      expiresAt: Date.now() + 2_000,
    },
    bob: { subject: OwnerId.parse('customer:bob'), tenant: 'acme', scopes: own, expiresAt: inAnHour },
    finance: { subject: OwnerId.parse('finance:fay'), tenant: 'acme', scopes: all, expiresAt: inAnHour },
    approver: { subject: OwnerId.parse('finance:fay'), tenant: 'acme', scopes: deciding, expiresAt: inAnHour },
    'other-approver': {
      subject: OwnerId.parse('finance:olga'),
      tenant: 'other',
      scopes: deciding,
      expiresAt: inAnHour,
    },
    auditor: { subject: OwnerId.parse('auditor:vera'), tenant: 'acme', scopes: auditing, expiresAt: inAnHour },
    maker: { subject: OwnerId.parse('customer:ada'), tenant: 'acme', scopes: making, expiresAt: inAnHour },
    'other-maker': { subject: OwnerId.parse('customer:bob'), tenant: 'acme', scopes: making, expiresAt: inAnHour },
    'other-finance': { subject: OwnerId.parse('finance:olga'), tenant: 'other', scopes: all, expiresAt: inAnHour },
  }
  const caller = callers[who]
  if (!caller) throw new TokenError('unknown test token')
  return { ...caller, client: 'tests' }
}
