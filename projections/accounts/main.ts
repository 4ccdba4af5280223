import { openSettings } from '@micropay/runtime/settings/open-settings'
import { serveProjection } from '../serve/serve-projection.ts'
import { accountsProjection } from './projection.ts'
import { settings as schema } from './settings.ts'

/** The worker of the accounts projection. */
const settings = await openSettings('accounts-projection', schema)
const { ACCOUNTS_DATABASE_URL: url, ACCOUNTS_BUILD_DATABASE_URL: buildUrl } = settings.values
await serveProjection(accountsProjection, settings, { url, buildUrl })
