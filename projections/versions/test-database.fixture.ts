import { testPostgres } from '@micropay/local/stores/test-services'
import type { TestDatabase } from '@micropay/runtime/test-database.fixture'
import { Pool } from 'pg'

/** A real, empty database for a test, with a pool on it. */
export async function openTestDatabase(): Promise<OpenTestDatabase> {
  const database: TestDatabase = await testPostgres()
  const pool = new Pool({ connectionString: database.url, max: 20 })
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return {
    url: database.url,
    pool,
    async close() {
      await pool.end()
      await database.close()
    },
  }
}

export type OpenTestDatabase = { readonly url: string; readonly pool: Pool; close(): Promise<void> }

/** Every row of every table of a schema, as PostgreSQL writes it, in an order of its own. */
export async function rowsOf(pool: Pool, schema: string): Promise<Record<string, string[]>> {
  const tables = await pool.query<{ name: string }>(
    'select tablename as name from pg_tables where schemaname = $1 order by 1',
    [schema],
  )
  const rows: Record<string, string[]> = {}
  for (const { name } of tables.rows) {
    const found = await pool.query<{ row: string }>(
      `select to_jsonb(held)::text as row from ${schema}.${name} as held order by 1`,
    )
    rows[name] = found.rows.map(({ row }) => row)
  }
  return rows
}
