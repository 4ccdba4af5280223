import { readConfig } from '@micropay/runtime/config'
import { z } from 'zod'
import { databaseUrl, projectionEnvironment, serveProjection } from '../serve/serve-projection.ts'
import { accountsProjection } from './projection.ts'

/** The worker of the accounts projection. */
const config = readConfig(z.object({ ...projectionEnvironment, ACCOUNTS_DATABASE_URL: databaseUrl }))
await serveProjection(accountsProjection, config, config.ACCOUNTS_DATABASE_URL)
