import { logEnvironment } from '@micropay/event-log/open-event-log'
import { z } from 'zod'
import { databaseUrl, queryEnvironment } from '../serve/serve-queries.ts'

/** What the audit read-side reads from where its settings are. */
export const settings = z.object({
  ...{ ...logEnvironment, ...queryEnvironment(8087), AUDIT_DATABASE_URL: databaseUrl },
  VERIFY_EVERY: z
    .string()
    .regex(/^([1-9][0-9]{0,4}[mhd]|never)$/, { error: 'how often the log is verified: 30m, 12h, 1d, or never' })
    .default('1d'),
})
