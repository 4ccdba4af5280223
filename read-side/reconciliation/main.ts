import { reconciliationVersion } from '@micropay/projections/reconciliation/tables'
import { openSettings } from '@micropay/runtime/settings/open-settings'
import { serveQueries } from '../serve/serve-queries.ts'
import { buildReconciliationApp } from './build-reconciliation-app.ts'
import { settings as schema } from './settings.ts'

/** The reconciliation read-side: answers queries from the PostgreSQL database that the projection fills. */
const settings = await openSettings('reconciliation', schema)
const { RECONCILIATION_DATABASE_URL: url } = settings.values
const { version } = reconciliationVersion
await serveQueries({ name: 'reconciliation', version, databaseUrl: url, buildApp: buildReconciliationApp }, settings)
