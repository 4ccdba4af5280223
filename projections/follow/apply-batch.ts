import { formatPosition } from '@micropay/schemas/position'
import type { ClientBase, Pool } from 'pg'
import { type CheckpointMove, swapCheckpoint } from './checkpoint.ts'
import type { FoldedBatch } from './fold-batch.ts'
import type { Projection, ProjectionWriter } from './projection.ts'

/**
 * Writes a batch's rows and its checkpoint in one transaction, and tells listeners what changed when this version is the live one.
 * Answers the version's state, so that the caller sees at once that a rebuild has replaced it.
 */
export async function applyBatch(
  pool: Pool,
  target: BatchTarget,
  batch: FoldedBatch,
  move: Omit<CheckpointMove, 'to'>,
) {
  const client = await pool.connect()
  let failure: Error | undefined
  try {
    // A crash of the database may lose the last transactions, rows and checkpoint alike: they are applied again from the log.
    await client.query('begin; set local synchronous_commit = off')
    await swapCheckpoint(client, { ...move, to: batch.state })
    const writes = batch.commits.length > 0 || target.projection.takesEveryRecord === true
    const changed = writes ? await target.writer.write(client, batch.commits, batch.folds) : []
    const state = await notifyIfLive(client, target, batch, changed)
    await client.query('commit')
    return state
  } catch (error) {
    target.writer.forget()
    await client.query('rollback').catch((cause: unknown) => {
      failure = cause instanceof Error ? cause : new Error('rollback failed')
    })
    throw error
  } finally {
    client.release(failure)
  }
}

export type BatchTarget = {
  readonly projection: Projection
  readonly schema: string
  readonly writer: ProjectionWriter
}
export type VersionState = 'live' | 'building' | 'retired' | 'dropped'

/** PostgreSQL takes payloads below 8,000 bytes. */
const MAX_PAYLOAD_BYTES = 7_900

async function notifyIfLive(client: ClientBase, target: BatchTarget, batch: FoldedBatch, changed: readonly string[]) {
  const payload = batch.commits.length === 0 ? null : payloadOf(batch, changed)
  const answer = await client.query<{ state: VersionState }>({
    name: 'notify-if-live',
    text: `select state, case when state = 'live' and $3::text is not null then pg_notify($2, $3) end
           from projection.version where schema_name = $1`,
    values: [target.schema, target.projection.channel, payload],
  })
  return answer.rows[0]?.state ?? 'dropped'
}

/** `0:1842 ["ada:main","bob:main"]`, or `0:1842 *` when they are too many to name. */
export function payloadOf(batch: Pick<FoldedBatch, 'state'>, changed: readonly string[]): string {
  const position = formatPosition(batch.state)
  const named = `${position} ${JSON.stringify(changed)}`
  return Buffer.byteLength(named) <= MAX_PAYLOAD_BYTES ? named : `${position} *`
}
