import { logEnvironment, openEventLog } from '@micropay/event-log/open-event-log'
import { systemClock } from '@micropay/runtime/clock'
import { readConfig } from '@micropay/runtime/config'
import { createLogger } from '@micropay/runtime/logger'
import { Pool } from 'pg'
import { z } from 'zod'
import { openChangeFeed } from '../position/change-feed.ts'
import { databaseUrl, listen, queryEnvironment, trustOf } from '../serve/serve-queries.ts'
import { indexHeadOf } from './audit-index.ts'
import { buildAuditApp } from './build-audit-app.ts'
import { watchReadiness } from './readiness.ts'

/** The audit read-side: answers from the log itself, by the index in its PostgreSQL database. */
const environment = z.object({ ...logEnvironment, ...queryEnvironment(8087), AUDIT_DATABASE_URL: databaseUrl })

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
const clock = systemClock
const readiness = watchReadiness(pool, clock, logger)
const { notReadyBecause } = readiness
const url = config.AUDIT_DATABASE_URL
const feed = openChangeFeed({ readHead: indexHeadOf(pool), databaseUrl: url, channel: 'audit_changed', clock, logger })
const app = await buildAuditApp({ pool, log, feed, clock, logger, notReadyBecause, ...trustOf(config) })
const close = async () => {
  await feed.close()
  await readiness.close()
  await log.close()
  await pool.end()
}
await listen(app, config, logger, close, { log: log.technology })
