import { port, readConfig } from '@micropay/runtime/config'
import { z } from 'zod'
import { databaseUrl, projectionEnvironment, serveProjection } from '../serve/serve-projection.ts'
import { auditProjection } from './projection.ts'

/** The worker of the audit projection. */
const config = readConfig(z.object({ ...projectionEnvironment, PORT: port(8086), AUDIT_DATABASE_URL: databaseUrl }))
await serveProjection(auditProjection, config, config.AUDIT_DATABASE_URL)
