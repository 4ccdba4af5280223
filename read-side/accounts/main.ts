import { accountsVersion } from '@micropay/projections/accounts/tables'
import { readConfig } from '@micropay/runtime/config'
import { z } from 'zod'
import { databaseUrl, queryEnvironment, serveQueries } from '../serve/serve-queries.ts'
import { buildAccountsApp } from './build-accounts-app.ts'

/** The accounts read-side: answers queries from the PostgreSQL database that the projection fills. */
const config = readConfig(z.object({ ...queryEnvironment(8083), ACCOUNTS_DATABASE_URL: databaseUrl }))
const { ACCOUNTS_DATABASE_URL: url } = config
const { version } = accountsVersion
await serveQueries({ name: 'accounts', version, databaseUrl: url, buildApp: buildAccountsApp }, config)
