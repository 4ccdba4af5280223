import { z } from 'zod'
import { databaseUrl, queryEnvironment } from '../serve/serve-queries.ts'

/** What the accounts read-side reads from where its settings are. */
export const settings = z.object({ ...queryEnvironment(8083), ACCOUNTS_DATABASE_URL: databaseUrl })
