import type { Clock } from '@micropay/deploy/runtime/clock'
import type { Logger } from '@micropay/deploy/runtime/logger'
import type { EventLog } from '@micropay/write-side/append/event-log'
import { Client, type Pool } from 'pg'
import { keepFollowing } from '../follow/keep-following.ts'
import { tryLease, whileLeased } from '../follow/lease.ts'
import type { Projection } from '../follow/projection.ts'
import { beginRebuild, rebuild } from './rebuild.ts'
import { findVersion, prepareVersions, type Version } from './versions.ts'

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
  }
  const running = run(state)
  return {
    service: deps.projection.service,
    notReadyBecause: () => (state.prepared ? undefined : `the read model is not prepared yet: ${state.unprepared}`),
    troubledBy: () => state.troubles.values().next().value,
    startRebuild: () => startRebuild(state),
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
  /** The schema that is being built, or undefined when a rebuild is under way already, here or in another worker. */
  startRebuild(): Promise<string | undefined>
  close(): Promise<void>
}

type WorkerState = {
  readonly deps: WorkerDeps
  readonly stop: AbortController
  prepared: Version | undefined
  unprepared: string
  /** By partition: why it does not get on. */
  readonly troubles: Map<number, string>
  rebuilding: Promise<void> | undefined
}

async function run(state: WorkerState): Promise<void> {
  const { deps, stop } = state
  while (!stop.signal.aborted && !state.prepared) {
    try {
      await deps.log.prepare(deps.partitions)
      state.prepared = await prepareVersions(deps.pool, deps.projection, deps.partitions)
    } catch (error) {
      deps.logger.error({ err: error }, 'the log or the read model could not be prepared')
      state.unprepared = error instanceof Error ? error.message : String(error)
      await deps.clock.sleep(1_000, stop.signal)
    }
  }
  const partitions = Array.from({ length: deps.partitions }, (_, partition) => partition)
  await Promise.all(partitions.map((partition) => followWhileLeased(state, partition)))
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

async function startRebuild(state: WorkerState): Promise<string | undefined> {
  const { deps, stop } = state
  if (state.rebuilding) return undefined
  const lease = new Client({ connectionString: deps.databaseUrl, keepAlive: true })
  const lost = new AbortController()
  lease.on('error', () => lost.abort())
  // Taken before the first await, so that two requests to this process cannot both pass.
  const begun = Promise.withResolvers<string | undefined>()
  state.rebuilding = (async () => {
    try {
      await lease.connect()
      const mine = await tryLease(lease, `rebuild ${deps.projection.service}/${deps.projection.name}`)
      const schema = mine ? await beginRebuild(deps.pool, deps.projection, deps.partitions) : undefined
      begun.resolve(schema)
      if (schema) await rebuild(deps, schema, AbortSignal.any([stop.signal, lost.signal]))
    } catch (error) {
      begun.reject(error)
      if (!stop.signal.aborted) deps.logger.error({ err: error }, 'the rebuild failed: the live version stays')
    } finally {
      await lease.end().catch(() => undefined)
      state.rebuilding = undefined
    }
  })()
  return begun.promise
}
