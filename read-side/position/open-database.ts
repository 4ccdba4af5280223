import type { Logger } from '@micropay/runtime/logger'
import { openPool } from '@micropay/runtime/pool'
import { Kysely, PostgresDialect } from 'kysely'
import { types } from 'pg'

/**
 * A service's own database: its read model, and what it keeps of its own beside it. int8 arrives as bigint, and no
 * statement runs longer than TIMEOUT_MS. `version` is that of the tables that this code knows: see inSnapshot.
 */
export function openReadModel<Tables>(
  databaseUrl: string,
  log: Pick<Logger, 'warn'>,
  { version, name = 'read-side' }: { readonly version: number; readonly name?: string },
): ReadModel<Tables> {
  const pool = openPool(databaseUrl, log, {
    max: 10,
    statement_timeout: TIMEOUT_MS,
    application_name: name,
    types: {
      getTypeParser: (oid, format) =>
        oid === types.builtins.INT8 ? (text: string) => BigInt(text) : types.getTypeParser(oid, format),
    },
  })
  return Object.assign(new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }), { version })
}

/**
 * `Tables` are the service's own, by their names in the live version's schema; `version` is the first one that has all
 * of their columns.
 */
export type ReadModel<Tables> = Kysely<Tables> & { readonly version: number }

const TIMEOUT_MS = 5_000
