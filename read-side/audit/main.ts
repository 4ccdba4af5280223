import { logEnvironment, openEventLog } from '@micropay/event-log/open-event-log'
import { readConfig } from '@micropay/runtime/config'
import { createLogger } from '@micropay/runtime/logger'
import { z } from 'zod'
import { databaseUrl, queryEnvironment, serveQueries } from '../serve/serve-queries.ts'
import { buildAuditApp } from './build-audit-app.ts'

/** The audit read-side: answers from the log itself, by the index in its PostgreSQL database. */
const environment = z.object({ ...logEnvironment, ...queryEnvironment(8087), AUDIT_DATABASE_URL: databaseUrl })

const config = readConfig(environment)
const log = openEventLog(config, createLogger('read-side/audit', config.LOG_LEVEL))
await serveQueries(
  {
    ...{ name: 'audit', databaseUrl: config.AUDIT_DATABASE_URL, about: { log: log.technology } },
    buildApp: async (deps) => {
      const app = await buildAuditApp({ ...deps, log })
      app.addHook('onClose', () => log.close())
      return app
    },
  },
  config,
)
