import type { Clock } from '@micropay/runtime/clock'
import { longStatement } from '@micropay/runtime/long-statement'
import type { Pool } from 'pg'

/**
 * Gathers the planner's statistics of all tables of a version: some hundred milliseconds, however large they are, if
 * the disk is not busy. A
 * table that is being vacuumed is left out, since PostgreSQL would end the vacuum for it.
 */
export async function analyzeTables(pool: Pool, schema: string, clock: Clock): Promise<void> {
  const tables = await pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = $1`,
    [schema],
  )
  if (tables.rows.length === 0) return
  const client = await pool.connect()
  try {
    const names = tables.rows.map(({ name }) => name).join(', ')
    await longStatement(client, `analyze (skip_locked) ${names}`, (asked) => pool.query(asked), clock)
    client.release()
  } catch (error) {
    client.release(true)
    throw error
  }
}
