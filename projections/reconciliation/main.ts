import { openSettings } from '@micropay/runtime/settings/open-settings'
import { serveProjection } from '../serve/serve-projection.ts'
import { reconciliationProjection } from './projection.ts'
import { settings as schema } from './settings.ts'

/** The worker of the reconciliation projection. */
const settings = await openSettings('reconciliation-projection', schema)
const { RECONCILIATION_DATABASE_URL: url, RECONCILIATION_BUILD_DATABASE_URL: buildUrl } = settings.values
await serveProjection(reconciliationProjection, settings, { url, buildUrl })
