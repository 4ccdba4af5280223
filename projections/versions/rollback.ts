import { inTransaction } from '@micropay/runtime/transaction'
import type { Pool } from 'pg'
import type { Projection } from '../projection.ts'
import { catchingUp, catchUpAndSwitch, followTo, type RebuildSource } from './rebuild.ts'
import { findVersion, settleUnfinished } from './versions.ts'

/**
 * Goes back to the newest retired version: it catches up with the live one from its own checkpoint, and takes over as
 * a rebuilt one does, so that what readers see never goes back in time. An error leaves the live version as it was,
 * and the retired one retired, further on.
 */
export async function rollback(source: RebuildSource, schema: string, signal: AbortSignal): Promise<void> {
  const { pool, projection, logger } = source
  const startedMs = source.clock.monotonicMs()
  try {
    await followTo(source, schema, await liveOffsets(pool, projection), catchingUp, signal)
    await catchUpAndSwitch(source, schema, signal)
    logger.info({ schema, tookMs: Math.round(source.clock.monotonicMs() - startedMs) }, 'rolled back')
  } catch (error) {
    await pool
      .query(`update projection.version set state = 'retired' where schema_name = $1 and state = 'building'`, [schema])
      .catch((cause: unknown) => logger.warn({ err: cause, schema }, 'the next rebuild drops this version'))
    throw error
  }
}

/**
 * Takes the newest retired version into the building ones, so that it is followed and its progress seen; undefined
 * when there is none that this code can write. The caller holds the rebuild's lease.
 */
export async function beginRollback(pool: Pool, projection: Projection): Promise<string | undefined> {
  return inTransaction(pool, async (client) => {
    await settleUnfinished(client, projection)
    const taken = await client.query<{ schema_name: string }>(
      `update projection.version set state = 'building', switched_at = coalesce(switched_at, made_at)
       where schema_name = (select schema_name from projection.version
          where service = $1 and name = $2 and version = $3 and state = 'retired' order by made_at desc limit 1)
       returning schema_name`,
      [projection.service, projection.name, projection.version],
    )
    return taken.rows[0]?.schema_name
  })
}

async function liveOffsets(pool: Pool, projection: Projection): Promise<bigint[]> {
  const live = await findVersion(pool, projection, 'live')
  if (!live) throw new Error(`${projection.name} has no live version`)
  const found = await pool.query<{ log_offset: string }>(
    'select log_offset from projection.checkpoint where schema_name = $1 order by partition',
    [live.schema],
  )
  return found.rows.map((row) => BigInt(row.log_offset))
}
