import { hostname } from 'node:os'
import { LogError } from '@micropay/event-log/event-log'
import { findPartitions, whileMissing } from '@micropay/event-log/ledger-partitions'
import { type BackOff, backOff } from '@micropay/runtime/back-off'
import { whileLeased } from '@micropay/runtime/leases'
import { openLeases } from '@micropay/runtime/open-leases'
import { openFollowers } from '../follow/followers.ts'
import { keepFollowing } from '../follow/keep-following.ts'
import { failureText, findFailure } from '../versions/last-failure.ts'
import { findVersion, prepareVersions } from '../versions/versions.ts'
import { endOverdue } from './end-overdue.ts'
import { type Begun, dropUnfinished, startRebuild, startReplacing, startRollback } from './switch-version.ts'
import { makingPool, partitionsOf, type WorkerDeps, type WorkerState } from './worker-state.ts'

/**
 * Keeps a projection's live version up to date on every partition that this process has the lease of, and rebuilds it
 * when asked, or when this code is newer than the live version. Several workers may run: each partition is followed by
 * one of them.
 */
export function startWorker(deps: WorkerDeps): Worker {
  const stop = new AbortController()
  const { databaseUrl: url, pool, buildingPool, clock, logger: log } = deps
  const followers = openFollowers(pool, clock)
  const state: WorkerState = {
    deps,
    followers,
    builders: buildingPool ? openFollowers(buildingPool, clock) : followers,
    leases: openLeases({ url, clock, log, schema: 'projection' }),
    ownerId: `${hostname()}-${process.pid}`,
    stop,
    partitions: undefined,
    unprepared: 'it has just started',
    troubles: new Map(),
    stalledSince: new Map(),
    rebuilding: undefined,
    failedInARow: 0,
    lastFailure: undefined,
  }
  // From the beginning: what was left may be in the way of what is prepared.
  const pools = new Set([pool, makingPool(deps)])
  const running = Promise.all([
    run(state),
    ...[...pools].map((each) => endOverdue({ ...deps, pool: each }, stop.signal)),
  ])
  return {
    service: deps.projection.service,
    notReadyBecause: () => (state.partitions ? undefined : `the read model is not prepared yet: ${state.unprepared}`),
    troubledBy: () =>
      state.troubles.values().next().value ?? (state.lastFailure ? failureText(state.lastFailure) : undefined),
    startRebuild: () => startRebuild(state),
    startRollback: () => startRollback(state),
    async close() {
      stop.abort()
      await Promise.allSettled([running, state.rebuilding])
      await state.leases.close()
    },
  }
}

export type Worker = {
  readonly service: string
  /** Undefined once it can say where it stands: one that stands still must be seen, so it is ready. */
  notReadyBecause(): string | undefined
  /** Why a partition does not get on, or else why the last rebuild or rollback failed. */
  troubledBy(): string | undefined
  startRebuild(): Promise<Begun>
  /** Goes back to the newest retired version that this code can write. */
  startRollback(): Promise<Begun>
  close(): Promise<void>
}

async function run(state: WorkerState): Promise<void> {
  const count = await untilPrepared(state)
  const partitions = Array.from({ length: count }, (_, partition) => partition)
  await Promise.all([watchFailure(state), ...partitions.map((partition) => followWhileLeased(state, partition))])
}

/** Waits for the log, which the first worker of the ledger begins, and for the database; 0 when it is to stop. */
async function untilPrepared(state: WorkerState): Promise<number> {
  const { deps, stop } = state
  for (let failures = 1; !stop.signal.aborted; failures += 1) {
    try {
      const partitions = await findPartitions(deps.log)
      await prepareVersions(makingPool(deps), deps.projection, partitions)
      await dropUnfinished(state).catch((error: unknown) =>
        deps.logger.warn({ err: error }, 'what a rebuild left behind could not be dropped: the next one does it'),
      )
      state.partitions = partitions
      return partitions
    } catch (error) {
      state.unprepared = error instanceof Error ? error.message : String(error)
      const isMissing = error instanceof LogError && error.code === 'log_missing'
      if (isMissing) deps.logger.info(state.unprepared)
      else deps.logger.error({ err: error }, 'the log or the read model could not be prepared')
      await deps.clock.sleep(isMissing ? backOff(failures, whileMissing) : 1_000, stop.signal)
    }
  }
  return 0
}

/** Another worker of the projection may have failed, or succeeded: each says what all of them know. */
async function watchFailure(state: WorkerState): Promise<void> {
  const { deps, stop } = state
  while (!stop.signal.aborted) {
    // While the registry does not answer, what was known last holds.
    const known = await findFailure(deps.pool, deps.projection).catch(() => state.lastFailure)
    if (!state.rebuilding) state.lastFailure = known
    await deps.clock.sleep(WATCH_FAILURE_EVERY_MS, stop.signal)
  }
}

const WATCH_FAILURE_EVERY_MS = 500

async function followWhileLeased(state: WorkerState, partition: number): Promise<void> {
  const { deps, stop, leases, ownerId, stalledSince } = state
  const { clock, logger: log, projection } = deps
  const name = `projection ${projection.service}/${projection.name} ${partition}`
  const lease = leases.open(name, ownerId, { mayRenew: () => !hasStalled(state, partition) })
  await whileLeased({ lease, clock, log, signal: stop.signal }, async (signal) => {
    try {
      while (!signal.aborted) await followLive(state, partition, signal)
    } finally {
      // From here on another worker knows how it is, and says so.
      stalledSince.delete(partition)
      state.troubles.delete(partition)
    }
  })
}

/** Another worker may reach what this one does not: the log, or the rows. */
function hasStalled({ deps, stalledSince }: WorkerState, partition: number): boolean {
  const sinceMs = stalledSince.get(partition)
  return sinceMs !== undefined && deps.clock.monotonicMs() - sinceMs > STALLED_AFTER_MS
}

const STALLED_AFTER_MS = 10_000

/** Follows the live version until another takes its place. */
async function followLive(state: WorkerState, partition: number, signal: AbortSignal): Promise<void> {
  const { deps, followers, troubles, stalledSince } = state
  const live = await findVersion(deps.pool, deps.projection, 'live')
  if (!live) throw new Error(`${deps.projection.name} has no live version`)
  if (live.version > deps.projection.version) {
    troubles.set(partition, `the live version ${live.version} is newer than this code's ${deps.projection.version}`)
    await deps.clock.sleep(5_000, signal)
    return
  }
  if (live.version < deps.projection.version) {
    await buildAnew(state, partition, live.schema, signal)
    return
  }
  const status = {
    going() {
      troubles.delete(partition)
      stalledSince.delete(partition)
    },
    waiting(reason: string) {
      troubles.set(partition, `partition ${partition} waits: ${reason}`)
      if (!stalledSince.has(partition)) stalledSince.set(partition, deps.clock.monotonicMs())
    },
    stopped(reason: string) {
      troubles.set(partition, `partition ${partition} stopped: ${reason}`)
      stalledSince.delete(partition)
    },
  }
  const source = { ...deps, followers, schema: live.schema, partition, partitions: partitionsOf(state) }
  const ended = await keepFollowing(source, status, signal)
  if (ended === 'superseded') await buildAnew(state, partition, live.schema, signal)
}

/** By whichever partition meets it, as often as it takes; the live version answers meanwhile, and says it stopped. */
async function buildAnew(state: WorkerState, partition: number, schema: string, signal: AbortSignal): Promise<void> {
  if (!(await pauseAfterFailure(state, partition, signal))) return
  // Another partition of this process.
  if (state.rebuilding) return state.rebuilding
  const { kind } = await startReplacing(state, schema)
  await state.rebuilding
  // Another worker. To look at the version again may mean to fold the whole log.
  if (kind === 'busy') await state.deps.clock.sleep(5_000, signal)
}

const afterFailures: BackOff = { firstMs: 1_000, mostMs: 60_000 }

/**
 * What failed once may fail for a reason that stays, and each try reads the whole log: 1 s, then twice as long each
 * time. False when it is to stop.
 */
async function pauseAfterFailure(
  { deps, failedInARow, lastFailure, troubles }: WorkerState,
  partition: number,
  signal: AbortSignal,
) {
  if (failedInARow === 0) return true
  const pauseMs = backOff(failedInARow, afterFailures)
  troubles.set(
    partition,
    `the rebuild failed ${failedInARow} times and is tried again within ${pauseMs / 1_000} s: ${lastFailure?.reason}`,
  )
  return deps.clock.sleep(pauseMs, signal)
}
