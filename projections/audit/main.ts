import { openSettings } from '@micropay/runtime/settings/open-settings'
import { serveProjection } from '../serve/serve-projection.ts'
import { auditProjection } from './projection.ts'
import { settings as schema } from './settings.ts'

/** The worker of the audit projection. */
const settings = await openSettings('audit-projection', schema)
await serveProjection(auditProjection, settings, settings.values.AUDIT_DATABASE_URL)
