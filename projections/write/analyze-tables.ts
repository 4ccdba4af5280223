import type { Pool } from 'pg'

/**
 * Gathers the planner's statistics of all tables of a version: some hundred milliseconds, however large they are. A
 * table that is being vacuumed is left out, since PostgreSQL would end the vacuum for it.
 */
export async function analyzeTables(pool: Pool, schema: string): Promise<void> {
  const tables = await pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = $1`,
    [schema],
  )
  if (tables.rows.length > 0)
    await pool.query(`analyze (skip_locked) ${tables.rows.map(({ name }) => name).join(', ')}`)
}
