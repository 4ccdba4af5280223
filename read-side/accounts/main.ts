import { accountsVersion } from '@micropay/projections/accounts/tables'
import { openSettings } from '@micropay/runtime/settings/open-settings'
import { serveQueries } from '../serve/serve-queries.ts'
import { buildAccountsApp } from './build-accounts-app.ts'
import { settings as schema } from './settings.ts'

/** The accounts read-side: answers queries from the PostgreSQL database that the projection fills. */
const settings = await openSettings('accounts', schema)
const { ACCOUNTS_DATABASE_URL: url } = settings.values
const { version } = accountsVersion
await serveQueries({ name: 'accounts', version, databaseUrl: url, buildApp: buildAccountsApp }, settings)
