import { readConfig } from '@micropay/runtime/config'
import { z } from 'zod'
import { databaseUrl, queryEnvironment, serveQueries } from '../serve/serve-queries.ts'
import { buildLimitsApp } from './build-limits-app.ts'

/** The limits read-side: answers queries from the PostgreSQL database that the projection fills. */
const config = readConfig(z.object({ ...queryEnvironment(8089), LIMITS_DATABASE_URL: databaseUrl }))
await serveQueries({ name: 'limits', databaseUrl: config.LIMITS_DATABASE_URL, buildApp: buildLimitsApp }, config)
