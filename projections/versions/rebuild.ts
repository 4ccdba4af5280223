import type { EventLog } from '@micropay/event-log/event-log'
import { compareHistory } from '@micropay/event-log/history'
import { inTransaction } from '@micropay/runtime/transaction'
import type { ClientBase, Pool } from 'pg'
import { loadCheckpoint } from '../follow/checkpoint.ts'
import { followPartition } from '../follow/follow-partition.ts'
import type { FollowSource } from '../follow/follow-run.ts'
import type { Projection } from '../projection.ts'
import { createIndexes } from './create-indexes.ts'
import { noteGivenUp } from './given-up.ts'
import { createVersion, dropVersions, findVersion, settleUnfinished, switchVersions } from './versions.ts'

/**
 * Builds a new version beside the live one from the start of the log, and switches when it has everything that the
 * live one has. The live tables are never touched and reads never stop. An error leaves the live version as it was;
 * the unfinished one is dropped.
 */
export async function rebuild(source: RebuildSource, schema: string, signal: AbortSignal): Promise<void> {
  const { pool, projection, partitions, logger } = source
  const startedMs = source.clock.monotonicMs()
  try {
    await followTo(source, schema, await endsOf(source.log, partitions), loading, signal)
    await createIndexes(pool, projection, schema, signal, source.clock)
    await catchUpAndSwitch(source, schema, signal)
    logger.info({ schema, tookMs: Math.round(source.clock.monotonicMs() - startedMs) }, 'rebuilt and switched')
  } catch (error) {
    await inTransaction(pool, (client) => dropVersions(client, projection, 'building')).catch((cause: unknown) =>
      logger.warn({ err: cause, schema }, 'the unfinished version stays until the next rebuild'),
    )
    throw error
  }
}

export type RebuildSource = Omit<FollowSource, 'schema' | 'partition' | 'batches' | 'onApplied'>

/**
 * Starts a version to build. The caller holds the rebuild's lease: a version still building was left by one that died.
 */
export async function beginRebuild(pool: Pool, projection: Projection, partitions: number): Promise<string> {
  return inTransaction(pool, async (client) => {
    await settleUnfinished(client, projection)
    // The newest retired version stays, to go back to.
    await dropVersions(client, projection, 'retired', 1)
    return createVersion(client, projection, partitions, 'building')
  })
}

/** How a version that is built follows the log. */
export type Phase = { readonly records: number; readonly isLoading: boolean }

/** Each account of a batch is written once, so larger ones write fewer rows. */
const loading: Phase = { records: 10_000, isLoading: true }
export const catchingUp: Phase = { records: 2_000, isLoading: false }

async function endsOf(log: EventLog, partitions: number): Promise<bigint[]> {
  return Promise.all(Array.from({ length: partitions }, (_, partition) => log.end(partition)))
}

/** Follows every partition until each has reached its offset. */
export async function followTo(
  source: RebuildSource,
  schema: string,
  targets: readonly bigint[],
  phase: Phase,
  signal: AbortSignal,
): Promise<void> {
  const failed = new AbortController()
  // Whoever drops the version then waits for nobody's locks.
  const ended = await Promise.allSettled(
    targets.map(async (target, partition) => {
      if ((await loadCheckpoint(source.pool, schema, partition)).offset >= target) return
      const reached = new AbortController()
      const onApplied = (offset: bigint) => {
        if (offset >= target) reached.abort()
      }
      const stop = AbortSignal.any([signal, failed.signal, reached.signal])
      try {
        await followPartition({ ...source, schema, partition, batches: { ...phase, until: target }, onApplied }, stop)
      } catch (error) {
        // A record behind the target that cannot be read is for the live version's follower to tell.
        if (!reached.signal.aborted) {
          failed.abort()
          throw error
        }
      }
      if (!reached.signal.aborted) throw new StoppedError(`the rebuild of ${schema} was stopped`)
    }),
  )
  const failures = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  if (failures.length > 0) throw failures.find((reason) => !(reason instanceof StoppedError)) ?? failures[0]
}

/** What the others throw when one partition fails. */
class StoppedError extends Error {}

/**
 * The new version follows until it is about as far as the live one. Holding the live checkpoints' locks, the live one
 * stands still then; the new one follows what is left, which takes moments, and the registry's update makes it live, if
 * it counts what the live one does. So what a reader sees never goes back, but where a person has given up what the
 * live one holds. Throws LogDivergedError.
 */
export async function catchUpAndSwitch(source: RebuildSource, schema: string, signal: AbortSignal): Promise<void> {
  const givenUp = await partitionsGivenUp(source, signal)
  if (givenUp.size > 0) await noteGivenUp(source, signal)
  await approach(source, schema, givenUp, signal)
  await inTransaction(source.pool, async (client) => {
    await client.query(`set local lock_timeout = '5s'`)
    const live = await findLive(client, source.projection)
    const targets = await liveOffsets(client, live, givenUp, 'for update')
    const inTime = AbortSignal.any([signal, source.clock.deadline(SWITCH_WITHIN_MS)])
    await followTo(source, schema, targets, catchingUp, inTime)
    await checkSameHistory(client, { live, made: schema, givenUp: [...givenUp.keys()] })
    await switchVersions(client, live, schema)
  })
}

/** Each round leaves to the next what came meanwhile, which is less, until it is little enough to hold locks for. */
async function approach(source: RebuildSource, schema: string, givenUp: GivenUp, signal: AbortSignal): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedMs = source.clock.monotonicMs()
    const live = await findLive(source.pool, source.projection)
    await followTo(source, schema, await liveOffsets(source.pool, live, givenUp), catchingUp, signal)
    if (source.clock.monotonicMs() - startedMs < LITTLE_MS) return
  }
}

async function findLive(client: Pick<ClientBase, 'query'>, projection: Projection): Promise<string> {
  const live = await findVersion(client, projection, 'live')
  if (!live) throw new Error(`${projection.name} has no live version`)
  return live.schema
}

async function liveOffsets(
  client: Pick<ClientBase, 'query'>,
  live: string,
  givenUp: GivenUp,
  lock: '' | 'for update' = '',
): Promise<bigint[]> {
  const found = await client.query<{ log_offset: string }>(
    `select log_offset from projection.checkpoint where schema_name = $1 order by partition ${lock}`,
    [live],
  )
  return found.rows.map((row, partition) => givenUp.get(partition) ?? BigInt(row.log_offset))
}

/** The log does not lead to what the live version holds any more: it was changed, or is another one. */
export class LogDivergedError extends Error {
  readonly code = 'log_diverged'
}

type GivenUp = ReadonlyMap<number, bigint>

/**
 * The partitions whose history a person has given up where the live version stands, each with the log's end as it is
 * now: the live version cannot move there any more.
 */
async function partitionsGivenUp(source: RebuildSource, signal: AbortSignal): Promise<GivenUp> {
  const live = await findVersion(source.pool, source.projection, 'live')
  const ends = new Map<number, bigint>()
  for (let partition = 0; live && partition < source.partitions; partition += 1) {
    const fold = await loadCheckpoint(source.pool, live.schema, partition)
    const { kind } = await compareHistory(source.log, fold, signal)
    if (kind === 'resumed') ends.set(partition, await source.log.end(partition))
  }
  return ends
}

type Compared = { readonly live: string; readonly made: string; readonly givenUp: readonly number[] }

/**
 * From a record on that was changed nothing counts, and a version made from there holds less than the live one, or
 * something else.
 */
async function checkSameHistory(client: ClientBase, { live, made, givenUp }: Compared): Promise<void> {
  const found = await client.query<{ partition: number; live_seq: string; seq: string }>(
    `select partition, live.seq as live_seq, made.seq from projection.checkpoint as live
     join projection.checkpoint as made using (partition) where live.schema_name = $1 and made.schema_name = $2
     and live.seq > 0 and (made.seq < live.seq or made.seq = live.seq and made.hash <> live.hash)
     and partition <> all($3::int[]) order by partition`,
    [live, made, givenUp],
  )
  const [first] = found.rows
  if (!first) return
  const { partition, live_seq, seq } = first
  throw new LogDivergedError(
    `the log counts up to ${partition}:${seq}, and the live version ${live} holds up to ${partition}:${live_seq} ` +
      'of another history: the log was changed. Find out where by micropay verify',
  )
}

/**
 * Shorter than a transaction may stand still (deploy/runtime/pool.ts): between its statements another connection
 * catches up, and of a worker that stands still there the server frees the live checkpoints by that bound.
 */
const SWITCH_WITHIN_MS = 10_000
const LITTLE_MS = 1_000
const ROUNDS = 20
