import { z } from 'zod'
import { databaseUrl, queryEnvironment } from '../serve/serve-queries.ts'

/** What the reconciliation read-side reads from where its settings are. */
export const settings = z.object({ ...queryEnvironment(8085), RECONCILIATION_DATABASE_URL: databaseUrl })
