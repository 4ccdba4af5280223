import { port } from '@micropay/runtime/config'
import { z } from 'zod'
import { databaseUrl, projectionEnvironment } from '../serve/serve-projection.ts'

/** What the worker of the audit projection reads from where its settings are. */
export const settings = z.object({
  ...projectionEnvironment,
  PORT: port(8086),
  AUDIT_DATABASE_URL: databaseUrl,
  AUDIT_BUILD_DATABASE_URL: databaseUrl.optional(),
})
