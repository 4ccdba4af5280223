import type { AccountsDatabase } from '@micropay/projections/accounts/tables'
import { Kysely, PostgresDialect } from 'kysely'
import { Pool, types } from 'pg'

/** The read model, for queries alone: int8 arrives as bigint, and no query runs longer than `timeoutMs`. */
export function openReadModel(databaseUrl: string, onError: (error: Error) => void, timeoutMs = 5_000): ReadModel {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: 10,
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    application_name: 'read-side',
    types: {
      getTypeParser: (oid, format) =>
        oid === types.builtins.INT8 ? (text: string) => BigInt(text) : types.getTypeParser(oid, format),
    },
  })
  pool.on('error', onError)
  // One that is lost between two statements of a transaction says so here alone, and would end the process unheard.
  pool.on('connect', (client) => client.on('error', onError))
  return new Kysely<AccountsDatabase>({ dialect: new PostgresDialect({ pool }) })
}

export type ReadModel = Kysely<AccountsDatabase>
