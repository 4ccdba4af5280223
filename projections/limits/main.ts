import { port, readConfig } from '@micropay/runtime/config'
import { z } from 'zod'
import { databaseUrl, projectionEnvironment, serveProjection } from '../serve/serve-projection.ts'
import { limitsProjection } from './projection.ts'

/** The worker of the limits projection. */
const config = readConfig(z.object({ ...projectionEnvironment, PORT: port(8088), LIMITS_DATABASE_URL: databaseUrl }))
await serveProjection(limitsProjection, config, config.LIMITS_DATABASE_URL)
