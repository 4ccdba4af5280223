import { type Clock, systemClock, type Timer } from '@micropay/runtime/clock'
import { longStatement } from '@micropay/runtime/long-statement'
import type { Pool } from 'pg'
import type { Projection } from '../projection.ts'
import { analyzeTables } from '../write/analyze-tables.ts'

/**
 * Makes the indexes of a version that is built, two at a time on connections of their own, and gathers the planner's
 * statistics behind them. An error leaves some of them made: the version is dropped then. An abort cancels what is
 * being made, which may take minutes, and is such an error.
 */
export async function createIndexes(
  pool: Pool,
  projection: Projection,
  schema: string,
  signal: AbortSignal,
  clock: Clock = systemClock,
): Promise<void> {
  const statements = projection.indexes(schema)[Symbol.iterator]()
  const makeNext = async () => {
    const client = await pool.connect()
    let cancelling: Timer | undefined
    let cancel = () => {}
    try {
      const backend = await client.query('select pg_backend_pid() as pid')
      const cancelNow = () => {
        pool.query('select pg_cancel_backend($1)', [backend.rows[0]?.pid]).catch(() => undefined)
      }
      cancel = () => {
        cancelNow()
        // One that comes before its statement has begun is lost.
        cancelling = clock.every(CANCEL_EVERY_MS, cancelNow)
      }
      signal.addEventListener('abort', cancel)
      await client.query(`set maintenance_work_mem = '${MEMORY}'; set work_mem = '${MEMORY}'`)
      for (const statement of statements) {
        signal.throwIfAborted()
        await longStatement(client, statement, (asked) => pool.query(asked), clock)
      }
      await client.query('reset maintenance_work_mem; reset work_mem')
      // A cancellation may still be on its way, and is not for whoever has the connection next.
      client.release(signal.aborted)
    } catch (error) {
      client.release(true)
      // What was cancelled says so, and not why.
      signal.throwIfAborted()
      throw error
    } finally {
      signal.removeEventListener('abort', cancel)
      cancelling?.cancel()
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, makeNext))
  for (const one of ended) if (one.status === 'rejected') throw one.reason
  signal.throwIfAborted()
  await analyzeTables(pool, schema, clock)
}

const AT_ONCE = 2
const CANCEL_EVERY_MS = 1_000

/**
 * What one index may sort, and one sum gather, in memory; PostgreSQL's defaults of 64 and 4 MB make large ones go to
 * disk.
 */
const MEMORY = '256MB'
