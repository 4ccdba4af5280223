import type { NewRecord } from '@micropay/event-log/event-log'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { openMemoryLog } from '@micropay/event-log/memory/event-log'
import { limitsProjection } from '@micropay/projections/limits/projection'
import type { LimitsDatabase } from '@micropay/projections/limits/tables'
import { startWorker } from '@micropay/projections/serve/worker'
import { openTestDatabase } from '@micropay/projections/versions/test-database.fixture'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { TokenError, type VerifyToken } from '@micropay/runtime/verify-token'
import { OwnerId } from '@micropay/schemas/identifiers'
import { formatPosition } from '@micropay/schemas/position'
import { openReader } from '../position/open-reader.ts'
import { buildLimitsApp } from './build-limits-app.ts'

/** The limits read-side on a real database, with its projection running on a ledger that tests write to. */
export async function startLimits() {
  const database = await openTestDatabase()
  const logger = createLogger('limits', 'silent')
  const log = openMemoryLog()
  await log.prepare(1)
  const appender = await log.openAppender(0)
  const ledger = createLedger()
  const { url: databaseUrl, pool } = database
  const worker = startWorker({
    ...{ log, pool, databaseUrl, clock: systemClock, logger },
    ...{ projection: limitsProjection, partitions: 1 },
  })
  const reader = openReader<LimitsDatabase>({ service: 'limits', databaseUrl, clock: systemClock, logger })
  const app = await buildLimitsApp({ ...reader, logger, verifyToken, cursorSecret: 'a secret for tests alone' })
  return {
    ledger,
    append: (...records: NewRecord[]) => appender.append(records),
    /** Waits for what was appended. */
    get: (url: string, who: string) =>
      app.inject({
        method: 'GET',
        url,
        headers: { authorization: who, 'at-least': formatPosition(ledger.position()), prefer: 'wait=10' },
      }),
    async close() {
      await app.close()
      await worker.close()
      await reader.close()
      await appender.close()
      await log.close()
      await database.close()
    },
  }
}

/** `ada`: a customer. `finance`: sees all of the tenant. `other`: another tenant's. `vera`: may see no account. */
const verifyToken: VerifyToken = async (who = '') => {
  const scopesOf: Readonly<Record<string, string>> = {
    ada: 'accounts:read',
    finance: 'accounts:read:any',
    other: 'accounts:read:any',
    vera: 'audit:read',
  }
  const scope = scopesOf[who]
  if (scope === undefined) throw new TokenError('unknown test token')
  return {
    ...{ subject: OwnerId.parse(`customer:${who}`), client: 'tests', tenant: who === 'other' ? 'other' : 'acme' },
    ...{ scopes: new Set([scope]), expiresAt: Number.POSITIVE_INFINITY },
  }
}
