import { z } from 'zod'
import { databaseUrl, projectionEnvironment } from '../serve/serve-projection.ts'

/** What the worker of the accounts projection reads from where its settings are. */
export const settings = z.object({
  ...projectionEnvironment,
  ACCOUNTS_DATABASE_URL: databaseUrl,
  ACCOUNTS_BUILD_DATABASE_URL: databaseUrl.optional(),
})
