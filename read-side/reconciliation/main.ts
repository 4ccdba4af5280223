import { reconciliationVersion } from '@micropay/projections/reconciliation/tables'
import { readConfig } from '@micropay/runtime/config'
import { z } from 'zod'
import { databaseUrl, queryEnvironment, serveQueries } from '../serve/serve-queries.ts'
import { buildReconciliationApp } from './build-reconciliation-app.ts'

/** The reconciliation read-side: answers queries from the PostgreSQL database that the projection fills. */
const config = readConfig(z.object({ ...queryEnvironment(8085), RECONCILIATION_DATABASE_URL: databaseUrl }))
const { RECONCILIATION_DATABASE_URL: url } = config
const { version } = reconciliationVersion
await serveQueries({ name: 'reconciliation', version, databaseUrl: url, buildApp: buildReconciliationApp }, config)
