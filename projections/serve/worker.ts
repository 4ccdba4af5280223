import type { EventLog } from '@micropay/event-log/event-log'
import type { Clock } from '@micropay/runtime/clock'
import { tryLease, whileLeased } from '@micropay/runtime/lease'
import type { Logger } from '@micropay/runtime/logger'
import { Client, type Pool } from 'pg'
import { keepFollowing } from '../follow/keep-following.ts'
import type { Projection } from '../projection.ts'
import { beginRebuild, LogDivergedError, rebuild } from '../versions/rebuild.ts'
import { beginRollback, rollback } from '../versions/rollback.ts'
import { findVersion, inTransaction, prepareVersions, settleUnfinished, type Version } from '../versions/versions.ts'

/**
 * Keeps a projection's live version up to date on every partition that this process has the lease of, and rebuilds it when asked, or when
 * this code is newer than the live version. Several workers may run: each partition is followed by one of them.
 */
export function startWorker(deps: WorkerDeps): Worker {
  const stop = new AbortController()
  const state: WorkerState = {
    deps,
    stop,
    prepared: undefined,
    unprepared: 'it has just started',
    troubles: new Map(),
    rebuilding: undefined,
    failedInARow: 0,
  }
  const running = run(state)
  return {
    service: deps.projection.service,
    notReadyBecause: () => (state.prepared ? undefined : `the read model is not prepared yet: ${state.unprepared}`),
    troubledBy: () => state.troubles.values().next().value,
    startRebuild: () => startRebuild(state),
    startRollback: () => startRollback(state),
    async close() {
      stop.abort()
      await Promise.allSettled([running, state.rebuilding])
    },
  }
}

export type WorkerDeps = {
  readonly log: EventLog
  readonly pool: Pool
  readonly databaseUrl: string
  readonly clock: Clock
  readonly logger: Logger
  readonly projection: Projection
  readonly partitions: number
}

export type Worker = {
  readonly service: string
  /** Undefined once it can say where it stands: one that stands still must be seen, so it is ready. */
  notReadyBecause(): string | undefined
  /** Why a partition does not get on. */
  troubledBy(): string | undefined
  startRebuild(): Promise<Begun>
  /** Goes back to the newest retired version that this code can write. */
  startRollback(): Promise<Begun>
  close(): Promise<void>
}

/** The schema that is being built or brought up to date; `busy` when that is under way for another one, here or in another worker. */
export type Begun =
  | { readonly kind: 'begun'; readonly schema: string }
  | { readonly kind: 'busy' }
  | { readonly kind: 'nothing to go back to' }

type WorkerState = {
  readonly deps: WorkerDeps
  readonly stop: AbortController
  prepared: Version | undefined
  unprepared: string
  /** By partition: why it does not get on. */
  readonly troubles: Map<number, string>
  rebuilding: Promise<void> | undefined
  /** Rebuilds and rollbacks of this process that failed since one did not. */
  failedInARow: number
}

async function run(state: WorkerState): Promise<void> {
  const { deps, stop } = state
  while (!stop.signal.aborted && !state.prepared) {
    try {
      await deps.log.prepare(deps.partitions)
      const prepared = await prepareVersions(deps.pool, deps.projection, deps.partitions)
      await dropUnfinished(deps).catch((error: unknown) =>
        deps.logger.warn({ err: error }, 'what a rebuild left behind could not be dropped: the next one does it'),
      )
      state.prepared = prepared
    } catch (error) {
      deps.logger.error({ err: error }, 'the log or the read model could not be prepared')
      state.unprepared = error instanceof Error ? error.message : String(error)
      await deps.clock.sleep(1_000, stop.signal)
    }
  }
  const partitions = Array.from({ length: deps.partitions }, (_, partition) => partition)
  await Promise.all(partitions.map((partition) => followWhileLeased(state, partition)))
}

/** What a worker that died was building would stand in the status for ever. While another worker is building, nothing is dropped. */
async function dropUnfinished({ databaseUrl, pool, projection, logger }: WorkerDeps): Promise<void> {
  const lease = new Client({ connectionString: databaseUrl })
  lease.on('error', () => undefined)
  try {
    await lease.connect()
    if (!(await tryLease(lease, rebuildLease(projection)))) return
    const dropped = await inTransaction(pool, (client) => settleUnfinished(client, projection))
    for (const schema of dropped) logger.warn({ schema }, 'a version whose rebuild was broken off is dropped')
  } finally {
    await lease.end().catch(() => undefined)
  }
}

function rebuildLease({ service, name }: Projection): string {
  return `rebuild ${service}/${name}`
}

async function followWhileLeased(state: WorkerState, partition: number): Promise<void> {
  const { deps, stop } = state
  const name = `projection ${deps.projection.service}/${deps.projection.name} ${partition}`
  const lease = { databaseUrl: deps.databaseUrl, name, clock: deps.clock, logger: deps.logger, signal: stop.signal }
  await whileLeased(lease, async (signal) => {
    while (!signal.aborted) await followLive(state, partition, signal)
  })
  state.troubles.delete(partition)
}

/** Follows the live version until another takes its place. */
async function followLive(state: WorkerState, partition: number, signal: AbortSignal): Promise<void> {
  const { deps, troubles } = state
  const live = await findVersion(deps.pool, deps.projection, 'live')
  if (!live) throw new Error(`${deps.projection.name} has no live version`)
  if (live.version > deps.projection.version) {
    troubles.set(partition, `the live version ${live.version} is newer than this code's ${deps.projection.version}`)
    await deps.clock.sleep(5_000, signal)
    return
  }
  if (live.version < deps.projection.version) {
    if (!(await pauseAfterFailure(state, partition, signal))) return
    await startRebuild(state)
    await (state.rebuilding ?? deps.clock.sleep(5_000, signal))
    return
  }
  const status = {
    going: () => void troubles.delete(partition),
    waiting: (reason: string) => void troubles.set(partition, `partition ${partition} waits: ${reason}`),
    stopped: (reason: string) => void troubles.set(partition, `partition ${partition} stopped: ${reason}`),
  }
  await keepFollowing({ ...deps, schema: live.schema, partition }, status, signal)
}

const LONGEST_PAUSE_MS = 60_000

/** What failed once may fail for a reason that stays, and each try reads the whole log: 1 s, then twice as long each time. False when it is to stop. */
async function pauseAfterFailure(
  { deps, failedInARow, troubles }: WorkerState,
  partition: number,
  signal: AbortSignal,
) {
  if (failedInARow === 0) return true
  const pauseMs = Math.min(1_000 * 2 ** (failedInARow - 1), LONGEST_PAUSE_MS)
  troubles.set(partition, `the rebuild failed ${failedInARow} times and is tried again within ${pauseMs / 1_000} s`)
  return deps.clock.sleep(pauseMs, signal)
}

function startRebuild(state: WorkerState): Promise<Begun> {
  const { deps } = state
  return switchVersion(
    state,
    () => beginRebuild(deps.pool, deps.projection, deps.partitions),
    (schema, signal) => rebuild(deps, schema, signal),
  )
}

function startRollback(state: WorkerState): Promise<Begun> {
  const { deps } = state
  return switchVersion(
    state,
    () => beginRollback(deps.pool, deps.projection),
    (schema, signal) => rollback(deps, schema, signal),
  )
}

/** Answers once it has begun; the work goes on behind. One at a time, of all workers of the projection. */
async function switchVersion(
  state: WorkerState,
  begin: () => Promise<string | undefined>,
  work: (schema: string, signal: AbortSignal) => Promise<void>,
): Promise<Begun> {
  const { deps, stop } = state
  if (state.rebuilding) return { kind: 'busy' }
  const lease = new Client({ connectionString: deps.databaseUrl, keepAlive: true })
  const lost = new AbortController()
  lease.on('error', () => lost.abort())
  // Taken before the first await, so that two requests to this process cannot both pass.
  const begun = Promise.withResolvers<Begun>()
  state.rebuilding = (async () => {
    try {
      await lease.connect()
      if (!(await tryLease(lease, rebuildLease(deps.projection)))) {
        return begun.resolve({ kind: 'busy' })
      }
      const schema = await begin()
      if (schema === undefined) return begun.resolve({ kind: 'nothing to go back to' })
      begun.resolve({ kind: 'begun', schema })
      await work(schema, AbortSignal.any([stop.signal, lost.signal]))
      state.failedInARow = 0
    } catch (error) {
      state.failedInARow += 1
      begun.reject(error)
      const alarm = error instanceof LogDivergedError ? { alarm: error.code } : {}
      if (!stop.signal.aborted)
        deps.logger.error({ err: error, ...alarm }, 'the live version stays: no other could take its place')
    } finally {
      await lease.end().catch(() => undefined)
      state.rebuilding = undefined
    }
  })()
  return begun.promise
}
