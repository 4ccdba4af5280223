import { prepareInboxTable } from '@micropay/event-log/postgres/inbox-table'
import { prepareParkedTables } from '@micropay/event-log/postgres/parked-table'
import { makeLogTables } from '@micropay/event-log/postgres/tables'
import type { Projection } from '@micropay/projections/projection'
import { prepareVersions } from '@micropay/projections/versions/versions'
import { statementsOfAccessTable } from '@micropay/read-side/audit/access-table'
import { statementsOfVerificationTable } from '@micropay/read-side/audit/verification-table'
import { statementsOfLeaseTable } from '@micropay/runtime/lease-table'
import { inTransaction } from '@micropay/runtime/transaction'
import type { Pool } from 'pg'
import { codes, tableOf } from './markdown.ts'

/** The tables of the leases' database and, of LOG=postgres, those of the log, as production makes them. */
export async function makeLeaseDatabase(pool: Pool): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query(statementsOfLeaseTable({ prefix: '' }))
    await prepareParkedTables(client)
    await makeLogTables(client)
    await prepareInboxTable(client)
  })
}

/** Those of a read model, and of the audit what it keeps besides. */
export async function makeReadModel(pool: Pool, projection: Projection): Promise<void> {
  await prepareVersions(pool, projection, 1)
  if (projection.service !== 'audit') return
  await inTransaction(pool, async (client) => {
    for (const statement of [...statementsOfAccessTable(), ...statementsOfVerificationTable()]) {
      await client.query(statement)
    }
    await client.query(statementsOfLeaseTable({ prefix: 'audit.' }))
  })
}

/** The schema that every read model has beside its versions. */
const REGISTRY = 'projection'

/** Every table that stands in a database, by PostgreSQL's own catalogue; those of every read model apart. */
export async function describeTables(pool: Pool): Promise<{ readonly own: string; readonly registry: string }> {
  const { rows } = await pool.query<TableRow>(tables)
  return {
    own: describeRows(rows.filter(({ schema }) => schema !== REGISTRY)),
    registry: describeRows(rows.filter(({ schema }) => schema === REGISTRY)),
  }
}

function describeRows(rows: readonly TableRow[]): string {
  return tableOf(
    ['table', 'key', 'columns', 'other indexes'],
    rows.map(({ schema, name, key, columns, indexes, isUnlogged }) => [
      `\`${nameOf(schema, name)}\`${isUnlogged ? ', unlogged' : ''}`,
      codes(key),
      columns.map(describeColumn).join('; '),
      codes(indexes),
    ]),
  )
}

function describeColumn({ column, type, isNull, isGenerated }: TableRow['columns'][number]): string {
  const short = type.replace('timestamp with time zone', 'timestamptz')
  return `\`${column}\` ${short}${isGenerated ? ', worked out' : ''}${isNull ? '?' : ''}`
}

type TableRow = {
  readonly schema: string
  readonly name: string
  readonly isUnlogged: boolean
  readonly key: readonly string[]
  readonly columns: readonly {
    readonly column: string
    readonly type: string
    readonly isNull: boolean
    readonly isGenerated: boolean
  }[]
  readonly indexes: readonly string[]
}

/** A version's schema is called by its projection, its number, and how many there were: `accounts_v12_1`. */
function nameOf(schema: string, name: string): string {
  if (schema === 'public') return name
  return `${schema.replace(/_v(\d+)_\d+$/, '_v$1_N')}.${name}`
}

const tables = `
  select nspname as schema, relname as name, relpersistence = 'u' as "isUnlogged",
    coalesce((select array_agg(attname::text order by place)
      from pg_index, unnest(indkey) with ordinality as part (number, place), pg_attribute
      where indrelid = pg_class.oid and indisprimary and attrelid = indrelid and attnum = number), '{}') as key,
    (select json_agg(json_build_object('column', attname, 'type', format_type(atttypid, atttypmod),
        'isNull', not attnotnull, 'isGenerated', attgenerated <> '' or attidentity <> '') order by attnum)
      from pg_attribute where attrelid = pg_class.oid and attnum > 0 and not attisdropped) as columns,
    coalesce((select array_agg(other.relname::text order by other.relname) from pg_index
      join pg_class as other on other.oid = indexrelid
      where indrelid = pg_class.oid and not indisprimary), '{}') as indexes
  from pg_class join pg_namespace on pg_namespace.oid = relnamespace
  where relkind = 'r' and nspname !~ '^pg_' and nspname <> 'information_schema'
  order by nspname = 'public' desc, nspname ~ '_v[0-9]+_' desc, nspname, relname`
