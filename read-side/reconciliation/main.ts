import { systemClock } from '@micropay/deploy/runtime/clock'
import { closeOnSignal } from '@micropay/deploy/runtime/close-on-signal'
import { port, readConfig } from '@micropay/deploy/runtime/config'
import { createLogger } from '@micropay/deploy/runtime/logger'
import { createTokenVerifier } from '@micropay/deploy/runtime/verify-token'
import { z } from 'zod'
import { openChangeFeed } from '../change-feed.ts'
import { openReadModel } from '../open-database.ts'
import { buildReconciliationApp } from './build-reconciliation-app.ts'

/** The reconciliation read-side: answers queries from the PostgreSQL database that the projection fills. */
const environment = z.object({
  PORT: port(8085),
  HOST: z.string().default('127.0.0.1'),
  RECONCILIATION_DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, { error: 'must be a postgres:// URL' }),
  OIDC_ISSUER: z.url(),
  OIDC_AUDIENCE: z.string().default('micropay'),
  CURSOR_SECRET: z.string().min(16, { error: 'must be a secret of 16 characters or more, the same for all replicas' }),
  LOG_LEVEL: z.string().default('info'),
})

const config = readConfig(environment)
const logger = createLogger('read-side/reconciliation', config.LOG_LEVEL)
const databaseUrl = config.RECONCILIATION_DATABASE_URL
const model = openReadModel(databaseUrl, (error) => logger.warn({ err: error }, 'a database connection was lost'))
const feed = openChangeFeed({ model, databaseUrl, channel: 'reconciliation_changed', clock: systemClock, logger })
const verifyToken = createTokenVerifier({
  issuer: config.OIDC_ISSUER,
  audience: config.OIDC_AUDIENCE,
  clock: systemClock,
})
const cursorSecret = config.CURSOR_SECRET
const app = await buildReconciliationApp({ model, feed, clock: systemClock, logger, verifyToken, cursorSecret })
closeOnSignal(logger, async () => {
  await app.close()
  await feed.close()
  await model.destroy()
})
const address = await app.listen({ port: config.PORT, host: config.HOST })
logger.info({ address }, 'listening')
