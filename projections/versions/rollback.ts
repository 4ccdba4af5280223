import { inTransaction } from '@micropay/runtime/transaction'
import type { Pool } from 'pg'
import { checkHistory } from '../follow/check-history.ts'
import { loadCheckpoint } from '../follow/checkpoint.ts'
import type { Projection } from '../projection.ts'
import { newestToGoBackTo } from './given-up.ts'
import { catchUpAndSwitch, type RebuildSource } from './rebuild.ts'
import { settleUnfinished } from './versions.ts'

/**
 * Goes back to the newest retired version: it catches up with the live one from its own checkpoint, and takes over as
 * a rebuilt one does, so that what readers see never goes back in time. An error leaves the live version as it was,
 * and the retired one retired, further on.
 */
export async function rollback(source: RebuildSource, schema: string, signal: AbortSignal): Promise<void> {
  const { pool, logger } = source
  const startedMs = source.clock.monotonicMs()
  try {
    // It may stand as far as the live one, so that nothing of the log is read for it.
    for (let partition = 0; partition < source.partitions; partition += 1) {
      await checkHistory({ ...source, schema }, await loadCheckpoint(pool, schema, partition), signal)
    }
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
 * Takes the newest retired version into the building ones, so that it is followed and its progress seen; or says why
 * there is none that this code can write, or none of the history that the ledger has. The caller holds the rebuild's
 * lease.
 */
export async function beginRollback(pool: Pool, projection: Projection): Promise<BegunRollback> {
  return inTransaction(pool, async (client) => {
    await settleUnfinished(client, projection)
    const newest = await newestToGoBackTo(client, projection)
    if (newest.kind === 'none') return { kind: 'nothing to go back to', because: newest.refused }
    await client.query(
      `update projection.version set state = 'building', switched_at = coalesce(switched_at, made_at)
       where schema_name = $1`,
      [newest.schema],
    )
    return { kind: 'begun', schema: newest.schema }
  })
}

export type BegunRollback =
  | { readonly kind: 'begun'; readonly schema: string }
  | { readonly kind: 'nothing to go back to'; readonly because: string | undefined }
