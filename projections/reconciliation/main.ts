import { port, readConfig } from '@micropay/runtime/config'
import { z } from 'zod'
import { databaseUrl, projectionEnvironment, serveProjection } from '../serve/serve-projection.ts'
import { reconciliationProjection } from './projection.ts'

/** The worker of the reconciliation projection. */
const config = readConfig(
  z.object({ ...projectionEnvironment, PORT: port(8084), RECONCILIATION_DATABASE_URL: databaseUrl }),
)
await serveProjection(reconciliationProjection, config, config.RECONCILIATION_DATABASE_URL)
