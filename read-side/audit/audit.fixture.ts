import assert from 'node:assert/strict'
import type { EventLog, NewRecord } from '@micropay/event-log/event-log'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { auditProjection } from '@micropay/projections/audit/projection'
import { auditVersion } from '@micropay/projections/audit/tables'
import { startWorker } from '@micropay/projections/serve/worker'
import { openTestDatabase } from '@micropay/projections/versions/test-database.fixture'
import { type Clock, systemClock } from '@micropay/runtime/clock'
import type { Leases } from '@micropay/runtime/leases'
import { createLogger, type Logger } from '@micropay/runtime/logger'
import { openLeases } from '@micropay/runtime/open-leases'
import { openTcpProxyTo } from '@micropay/runtime/tcp-proxy.fixture'
import { TokenError, type VerifyToken } from '@micropay/runtime/verify-token'
import { OwnerId } from '@micropay/schemas/identifiers'
import { formatPosition } from '@micropay/schemas/position'
import type { Pool } from 'pg'
import { openReader } from '../position/open-reader.ts'

import type { AuditTables } from './audit-tables.ts'
import { buildAuditApp } from './build-audit-app.ts'

/**
 * The audit on a real database, with its projection running on a ledger that tests write to, and whose log they may
 * tamper with. It reaches its database by a proxy that they may spoil.
 */
export async function startAudit(options: AuditFixtureOptions = {}) {
  const { openLog, clock = systemClock, logger = createLogger('audit', 'silent'), prepare, verifyEveryMs } = options
  const { partitions = 1 } = options
  const database = await openTestDatabase()
  await prepare?.(database.pool)
  const store = createMemoryStore()
  const log = openLog?.() ?? openMemoryLog(store)
  await log.prepare(partitions)
  const appenders = await Promise.all(Array.from({ length: partitions }, (_, partition) => log.openAppender(partition)))
  const ledger = createLedger(0, partitions)
  const { url: databaseUrl, pool } = database
  const proxy = await openTcpProxyTo(databaseUrl)
  const worker = startWorker({
    ...{ log, pool, databaseUrl, clock: systemClock, logger: createLogger('projection', 'silent') },
    ...{ projection: auditProjection },
  })
  const reader = openReader<AuditTables>({
    service: 'audit',
    version: auditVersion.version,
    databaseUrl: proxy.through(databaseUrl),
    clock: systemClock,
    logger,
  })
  const leases = openLeases({ url: databaseUrl, clock: systemClock, log: logger, schema: 'audit' })
  const app = await buildAuditApp({
    ...{ leases, verifyEveryMs, verifyFirstAfterMs: 0, closeOthers: async () => options.beforeOthersClose?.(leases) },
    ...{ ...reader, log, logger, clock, verifyToken, cursorSecret: 'a secret for tests alone' },
  })
  while ((await app.inject('/health/ready')).statusCode !== 200) await systemClock.sleep(10)
  return {
    app,
    leases,
    ledger,
    pool,
    databaseUrl,
    proxy,
    append: (...records: NewRecord[]) => appenders[0]?.append(records),
    appendTo: (partition: number, records: readonly NewRecord[]) => appenders[partition]?.append(records),
    /**
     * Asks as `vera`, waiting for what was appended; `bytes` of the answer come as text. No cache may keep any answer.
     */
    async get(path: string, who = 'vera', more: Record<string, string> = {}) {
      const waiting = { 'at-least': formatPosition(ledger.position()), prefer: 'wait=10' }
      const headers = { authorization: `Bearer ${who}`, ...waiting, ...more }
      const answer = await app.inject({ method: 'GET', url: path, headers })
      assert.equal(answer.headers['cache-control'], 'private, no-store', path)
      return answer
    },
    /** Puts other bytes where a record stands, as somebody with access to the log's disk could. */
    tamper(offset: number, change: (text: string) => string) {
      const records = store.partitions[0]
      const record = records?.[offset]
      if (!records || !record) throw new Error(`there is no record at ${offset}`)
      const text = change(new TextDecoder().decode(record.value))
      records[offset] = { ...record, value: new TextEncoder().encode(text) }
    },
    /** Takes away the records from there on, as after an older backup was restored. */
    cut: (offset: number) => void store.partitions[0]?.splice(offset),
    async close() {
      await app.close()
      await leases.close()
      await reader.close()
      await proxy.close()
      await worker.close()
      for (const appender of appenders) await appender.close()
      await log.close()
      await database.close()
    },
  }
}

type AuditFixtureOptions = {
  readonly openLog?: () => EventLog
  /** `ledger`, `append` and `tamper` are of the first. */
  readonly partitions?: number
  readonly clock?: Clock
  readonly logger?: Logger
  /** The log is verified by itself that often; never without it. */
  readonly verifyEveryMs?: number
  /** Puts into the database what an older service left there. */
  readonly prepare?: (pool: Pool) => Promise<void>
  /** Called when the app is closed, and its leases still can be asked. */
  readonly beforeOthersClose?: (leases: Leases) => Promise<void>
}

export type AuditFixture = Awaited<ReturnType<typeof startAudit>>

/**
 * `vera`: an auditor of acme. `olga`: one of another tenant. Both look after the platform, too; `nora`, of acme, does
 * not. `ada`: a customer.
 */
const verifyToken: VerifyToken = async (authorization) => {
  const who = authorization?.replace('Bearer ', '') ?? ''
  const tenants: Record<string, string> = { vera: 'acme', olga: 'other', ada: 'acme', nora: 'acme' }
  const tenant = tenants[who]
  if (!tenant) throw new TokenError('unknown test token')
  const scopes = new Set(scopesOf[who])
  return {
    subject: OwnerId.parse(`auditor:${who}`),
    client: 'tests',
    tenant,
    scopes,
    expiresAt: Date.now() + 3_600_000,
  }
}

const platformAuditor = ['audit:read', 'platform:verify']
const scopesOf: Record<string, readonly string[]> = {
  ...{ vera: platformAuditor, olga: platformAuditor, nora: ['audit:read'], ada: ['accounts:read'] },
}
