import { type TestDatabase, testPostgres } from '@micropay/deploy/local/test-services'
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
