import { openSettings } from '@micropay/runtime/settings/open-settings'
import { serveProjection } from '../serve/serve-projection.ts'
import { reconciliationProjection } from './projection.ts'
import { settings as schema } from './settings.ts'

/** The worker of the reconciliation projection. */
const settings = await openSettings('reconciliation-projection', schema)
await serveProjection(reconciliationProjection, settings, settings.values.RECONCILIATION_DATABASE_URL)
