import { systemClock } from '@micropay/deploy/runtime/clock'
import { closeOnSignal } from '@micropay/deploy/runtime/close-on-signal'
import { port, readConfig } from '@micropay/deploy/runtime/config'
import { createLogger } from '@micropay/deploy/runtime/logger'
import { createTokenVerifier } from '@micropay/deploy/runtime/verify-token'
import { logEnvironment, openEventLog } from '@micropay/write-side/append/open-event-log'
import { Pool } from 'pg'
import { z } from 'zod'
import { buildAuditApp } from './build-audit-app.ts'
import { watchReadiness } from './readiness.ts'

/** The audit read-side: answers from the log itself, by the index in its PostgreSQL database. */
const environment = z.object({
  ...logEnvironment,
  PORT: port(8087),
  HOST: z.string().default('127.0.0.1'),
  AUDIT_DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, { error: 'must be a postgres:// URL' }),
  OIDC_ISSUER: z.url(),
  OIDC_AUDIENCE: z.string().default('micropay'),
  CURSOR_SECRET: z.string().min(16, { error: 'must be a secret of 16 characters or more, the same for all replicas' }),
  LOG_LEVEL: z.string().default('info'),
})

const config = readConfig(environment)
const logger = createLogger('read-side/audit', config.LOG_LEVEL)
const log = openEventLog(config, logger)
const pool = new Pool({
  connectionString: config.AUDIT_DATABASE_URL,
  ...{ max: 10, connectionTimeoutMillis: 5_000, statement_timeout: 5_000, application_name: 'read-side/audit' },
})
const noteLost = (error: Error) => logger.warn({ err: error }, 'a database connection was lost')
pool.on('error', noteLost)
// One that is lost between two statements of a transaction says so here alone, and would end the process unheard.
pool.on('connect', (client) => client.on('error', noteLost))
const readiness = watchReadiness(pool, systemClock, logger)
const app = await buildAuditApp({
  ...{ pool, log, clock: systemClock, logger, notReadyBecause: readiness.notReadyBecause },
  verifyToken: createTokenVerifier({
    issuer: config.OIDC_ISSUER,
    audience: config.OIDC_AUDIENCE,
    clock: systemClock,
  }),
  cursorSecret: config.CURSOR_SECRET,
})
closeOnSignal(logger, async () => {
  await app.close()
  await readiness.close()
  await log.close()
  await pool.end()
})
const address = await app.listen({ port: config.PORT, host: config.HOST })
logger.info({ address, log: log.technology }, 'listening')
