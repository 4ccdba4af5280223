import { systemClock } from '@micropay/deploy/runtime/clock'
import { closeOnSignal } from '@micropay/deploy/runtime/close-on-signal'
import { port, readConfig } from '@micropay/deploy/runtime/config'
import { createLogger } from '@micropay/deploy/runtime/logger'
import { createTokenVerifier } from '@micropay/deploy/runtime/verify-token'
import { logEnvironment, openEventLog } from '@micropay/write-side/append/open-event-log'
import { Pool } from 'pg'
import { z } from 'zod'
import { accountsProjection } from './accounts/projection.ts'
import { buildProjectionsApp } from './rebuild/build-projections-app.ts'
import { startWorker } from './rebuild/worker.ts'

/** The accounts projection's worker: follows the log into its PostgreSQL database, and answers where it stands. */
const environment = z.object({
  ...logEnvironment,
  PORT: port(8082),
  HOST: z.string().default('127.0.0.1'),
  ACCOUNTS_DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, { error: 'must be a postgres:// URL' }),
  OIDC_ISSUER: z.url(),
  OIDC_AUDIENCE: z.string().default('micropay'),
  PARTITIONS: z.coerce.number().int().min(1).max(1024).default(1),
  LOG_LEVEL: z.string().default('info'),
})

const config = readConfig(environment)
const logger = createLogger('projections', config.LOG_LEVEL)
const log = openEventLog(config, logger)
const pool = new Pool({
  connectionString: config.ACCOUNTS_DATABASE_URL,
  // Each partition writes and watches, once for the live version and once for one that is built; the rest is for status and the switch.
  max: 5 + 4 * config.PARTITIONS,
  application_name: 'projections',
})
const noteLost = (error: Error) => logger.warn({ err: error }, 'a database connection was lost')
pool.on('error', noteLost)
// One that is lost between two statements of a transaction says so here alone, and would end the process unheard.
pool.on('connect', (client) => client.on('error', noteLost))
const worker = startWorker({
  log,
  pool,
  databaseUrl: config.ACCOUNTS_DATABASE_URL,
  clock: systemClock,
  logger,
  projection: accountsProjection,
  partitions: config.PARTITIONS,
})
const verifyToken = createTokenVerifier({
  issuer: config.OIDC_ISSUER,
  audience: config.OIDC_AUDIENCE,
  clock: systemClock,
})
const app = await buildProjectionsApp({ log, pool, worker, logger, verifyToken })
closeOnSignal(logger, async () => {
  await app.close()
  await worker.close()
  await log.close()
  await pool.end()
})
const address = await app.listen({ port: config.PORT, host: config.HOST })
logger.info({ address, log: log.technology }, 'listening')
