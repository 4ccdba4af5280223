import { formatPosition } from '@micropay/schemas/position'
import type { FoldState } from '@micropay/write-side/append/fold'
import type { ClientBase, Pool } from 'pg'
import { type CheckpointMove, swapCheckpoint } from './checkpoint.ts'
import type { Projection, WriteChanges } from './projection.ts'

/**
 * Writes what was folded and its checkpoint in one transaction, and tells listeners what changed when this version is the live one.
 * Answers the version's state, so that the caller sees at once that a rebuild has replaced it.
 */
export async function applyBatch(
  pool: Pool,
  target: BatchTarget,
  batch: Batch,
  move: Omit<CheckpointMove, 'from' | 'to'>,
): Promise<VersionState> {
  const client = await pool.connect()
  let failure: Error | undefined
  try {
    // A crash of the database may lose the last transactions, rows and checkpoint alike: they are applied again from the log.
    await client.query('begin; set local synchronous_commit = off')
    await swapCheckpoint(client, { ...move, from: batch.from.offset, to: batch.to })
    const changed = await batch.write(client)
    const state = await notifyIfLive(client, target, batch, changed)
    await client.query('commit')
    return state
  } catch (error) {
    await client.query('rollback').catch((cause: unknown) => {
      failure = cause instanceof Error ? cause : new Error('rollback failed')
    })
    throw error
  } finally {
    client.release(failure)
  }
}

export type BatchTarget = { readonly projection: Projection; readonly schema: string }
export type VersionState = 'live' | 'building' | 'retired' | 'dropped'

/** What was folded between two states, and no more. */
export type Batch = {
  readonly from: FoldState
  readonly to: FoldState
  readonly records: number
  /** Of the records, those that count. */
  readonly commits: number
  readonly write: WriteChanges
}

/** PostgreSQL takes payloads below 8,000 bytes. */
const MAX_PAYLOAD_BYTES = 7_900

async function notifyIfLive(client: ClientBase, target: BatchTarget, batch: Batch, changed: readonly string[]) {
  const payload = batch.commits === 0 ? null : payloadOf(batch.to, changed)
  const answer = await client.query<{ state: VersionState }>({
    name: 'notify-if-live',
    text: `select state, case when state = 'live' and $3::text is not null then pg_notify($2, $3) end
           from projection.version where schema_name = $1`,
    values: [target.schema, target.projection.channel, payload],
  })
  return answer.rows[0]?.state ?? 'dropped'
}

/** `0:1842 ["ada:main","bob:main"]`, or `0:1842 *` when they are too many to name. */
function payloadOf(to: FoldState, changed: readonly string[]): string {
  const position = formatPosition(to)
  // Each takes four bytes at least: thousands of them need not be written out to see that they are too many.
  if (4 * changed.length > MAX_PAYLOAD_BYTES) return `${position} *`
  const named = `${position} ${JSON.stringify(changed)}`
  return Buffer.byteLength(named) <= MAX_PAYLOAD_BYTES ? named : `${position} *`
}
