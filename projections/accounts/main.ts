import { openSettings } from '@micropay/runtime/settings/open-settings'
import { serveProjection } from '../serve/serve-projection.ts'
import { accountsProjection } from './projection.ts'
import { settings as schema } from './settings.ts'

/** The worker of the accounts projection. */
const settings = await openSettings('accounts-projection', schema)
await serveProjection(accountsProjection, settings, settings.values.ACCOUNTS_DATABASE_URL)
