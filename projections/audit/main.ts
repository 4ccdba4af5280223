import { openSettings } from '@micropay/runtime/settings/open-settings'
import { serveProjection } from '../serve/serve-projection.ts'
import { auditProjection } from './projection.ts'
import { settings as schema } from './settings.ts'

/** The worker of the audit projection. */
const settings = await openSettings('audit-projection', schema)
const { AUDIT_DATABASE_URL: url, AUDIT_BUILD_DATABASE_URL: buildUrl } = settings.values
await serveProjection(auditProjection, settings, { url, buildUrl })
