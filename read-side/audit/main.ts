import { openEventLog } from '@micropay/event-log/open-event-log'
import { auditVersion } from '@micropay/projections/audit/tables'
import { createLogger } from '@micropay/runtime/logger'
import { openLeases } from '@micropay/runtime/open-leases'
import { openSettings } from '@micropay/runtime/settings/open-settings'
import { serveQueries } from '../serve/serve-queries.ts'
import { buildAuditApp } from './build-audit-app.ts'
import { settings as schema } from './settings.ts'

/** The audit read-side: answers from the log itself, by the index in its PostgreSQL database. */
const settings = await openSettings('audit', schema)
const config = settings.values
const log = openEventLog(config, createLogger('read-side/audit', config.LOG_LEVEL, process.stdout, config.LOG_FORMAT))
await serveQueries(
  {
    ...{ name: 'audit', version: auditVersion.version, databaseUrl: config.AUDIT_DATABASE_URL },
    about: { log: log.technology },
    reads: config.LOG === 'postgres' ? { LOG_DATABASE_URL: config.LOG_DATABASE_URL } : {},
    buildApp: async (deps) => {
      const leases = openLeases({
        url: config.AUDIT_DATABASE_URL,
        clock: deps.clock,
        log: deps.logger,
        schema: 'audit',
      })
      const closeOthers = async () => {
        await leases.close()
        await log.close()
      }
      const verifyEveryMs = durationOf(config.VERIFY_EVERY)
      return buildAuditApp({ ...deps, log, leases, verifyEveryMs, closeOthers })
    },
  },
  settings,
)

function durationOf(text: string): number | undefined {
  const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }
  const unitMs = units[text.slice(-1)]
  return unitMs === undefined ? undefined : Number(text.slice(0, -1)) * unitMs
}
