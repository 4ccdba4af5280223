import type { EventLog } from '@micropay/event-log/event-log'
import { accountsProjection } from '@micropay/projections/accounts/projection'
import { type AccountsDatabase, accountsVersion } from '@micropay/projections/accounts/tables'
import { auditProjection } from '@micropay/projections/audit/projection'
import { auditVersion } from '@micropay/projections/audit/tables'
import type { Projection } from '@micropay/projections/projection'
import { reconciliationProjection } from '@micropay/projections/reconciliation/projection'
import { type ReconciliationTables, reconciliationVersion } from '@micropay/projections/reconciliation/tables'
import { startWorker, type Worker } from '@micropay/projections/serve/worker'
import { openTestDatabase } from '@micropay/projections/versions/test-database.fixture'
import { systemClock } from '@micropay/runtime/clock'
import type { Http } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import { openLeases } from '@micropay/runtime/open-leases'
import type { VerifyToken } from '@micropay/runtime/verify-token'
import { scopes } from '@micropay/schemas/api/token'
import { OwnerId } from '@micropay/schemas/identifiers'
import type { Pool } from 'pg'
import { buildAccountsApp } from './accounts/build-accounts-app.ts'
import type { AuditTables } from './audit/audit-tables.ts'
import { buildAuditApp } from './audit/build-audit-app.ts'
import { type OpenReader, openReader } from './position/open-reader.ts'
import { buildReconciliationApp } from './reconciliation/build-reconciliation-app.ts'
import type { QueryAppDeps } from './serve/serve-queries.ts'

export const serviceNames = ['accounts', 'reconciliation', 'audit'] as const
export type ServiceName = (typeof serviceNames)[number]

/** All read services on one log, each with a database of its own. */
export async function startReadServices(log: EventLog): Promise<ReadServices> {
  const accounts = await startService<AccountsDatabase>(log, accountsProjection, accountsVersion, buildAccountsApp)
  const reconciliation = await startService<ReconciliationTables>(
    ...([log, reconciliationProjection, reconciliationVersion, buildReconciliationApp] as const),
  )
  const audit = await startService<AuditTables>(log, auditProjection, auditVersion, async (deps, databaseUrl) => {
    const leases = openLeases({ url: databaseUrl, clock: systemClock, log: deps.logger, schema: 'audit' })
    const app = await buildAuditApp({ ...deps, log, leases, verifyEveryMs: undefined })
    app.addHook('onClose', () => leases.close())
    return app
  })
  return {
    ...{ accounts, reconciliation, audit },
    async close() {
      for (const service of [accounts, reconciliation, audit]) await service.close()
    },
  }
}

export type ReadServices = { readonly [Name in ServiceName]: ReadService } & { close(): Promise<void> }

export type ReadService = {
  readonly app: Http
  readonly pool: Pool
  readonly projection: Projection
  /** Runs a worker of this code, or of other code; `close` of it ends it. */
  project(code?: Projection): Worker
  close(): Promise<void>
}

async function startService<Tables>(
  log: EventLog,
  projection: Projection,
  { version }: { readonly version: number },
  build: (deps: QueryAppDeps<Tables>, databaseUrl: string) => Promise<Http>,
): Promise<ReadService> {
  const { url: databaseUrl, pool, ...database } = await openTestDatabase()
  const logger = createLogger('test', 'silent')
  const clock = systemClock
  const reader: OpenReader<Tables> = openReader({ service: projection.service, version, databaseUrl, clock, logger })
  const app = await build({ ...reader, logger, verifyToken, cursorSecret: 'a secret for tests alone' }, databaseUrl)
  const workers: Worker[] = []
  return {
    ...{ app, pool, projection },
    project(code = projection) {
      const worker = startWorker({ ...{ log, pool, databaseUrl, clock, logger }, projection: code })
      workers.push(worker)
      return worker
    },
    async close() {
      await app.close()
      for (const worker of workers) await worker.close()
      await reader.close()
      await database.close()
    },
  }
}

/** `staff TENANT` may do everything; `customer:ada TENANT`, or any other owner, what owners may. */
const verifyToken: VerifyToken = async (authorization = '') => {
  const [who = '', tenant = ''] = authorization.split(' ')
  const isStaff = who === 'staff'
  return {
    ...{ subject: OwnerId.parse(isStaff ? 'finance:fay' : who), client: 'tests', tenant },
    scopes: new Set(isStaff ? Object.keys(scopes) : ['accounts:read', 'payments:make']),
    expiresAt: Date.now() + 3_600_000,
  }
}
