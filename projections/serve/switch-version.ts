import { acquireOnce } from '@micropay/runtime/leases'
import { inTransaction } from '@micropay/runtime/transaction'
import type { LastFailure } from '@micropay/schemas/api/projection'
import type { Projection } from '../projection.ts'
import { noteFailure } from '../versions/last-failure.ts'
import { beginRebuild, LogDivergedError, type RebuildSource, rebuild } from '../versions/rebuild.ts'
import { type BegunRollback, beginRollback, rollback } from '../versions/rollback.ts'
import { findVersion, settleUnfinished } from '../versions/versions.ts'
import { makingPool, partitionsOf, type WorkerState } from './worker-state.ts'

/** Begins to build a new version beside the live one, which takes its place when it has everything. */
export function startRebuild(state: WorkerState): Promise<Begun> {
  return startBuilding(state, () => beginVersion(state))
}

/**
 * The same in place of a version that is of no use any more. Who learns that late builds nothing: where another took
 * its place meanwhile it is `replaced` already, and a rebuild reads the whole log.
 */
export function startReplacing(state: WorkerState, replaced: string): Promise<Begun | Replaced> {
  const { pool, projection } = state.deps
  return startBuilding<BegunVersion | Replaced>(state, async () => {
    // Whoever switches versions holds the lease that is held here.
    const live = await findVersion(pool, projection, 'live')
    return live?.schema === replaced ? beginVersion(state) : { kind: 'replaced' }
  })
}

function startBuilding<First extends BegunVersion | Replaced>(state: WorkerState, begin: () => Promise<First>) {
  return switchVersion(state, 'rebuild', begin, (schema, signal) => rebuild(building(state), schema, signal))
}

async function beginVersion(state: WorkerState): Promise<BegunVersion> {
  const { deps } = state
  return { kind: 'begun', schema: await beginRebuild(makingPool(deps), deps.projection, partitionsOf(state)) }
}

/** Begins to go back to the newest retired version that this code can write. */
export function startRollback(state: WorkerState): Promise<Begun> {
  const { deps } = state
  return switchVersion<BegunRollback>(
    state,
    'rollback',
    () => beginRollback(makingPool(deps), deps.projection),
    (schema, signal) => rollback(building(state), schema, signal),
  )
}

function building(state: WorkerState): RebuildSource {
  const { deps, builders } = state
  return { ...deps, partitions: partitionsOf(state), pool: makingPool(deps), followers: builders }
}

/**
 * The schema that is being built or brought up to date; `busy` when that is under way for another one, here or in
 * another worker.
 */
export type Begun = BegunRollback | Busy
type Busy = { readonly kind: 'busy' }
type Replaced = { readonly kind: 'replaced' }
type BegunVersion = Extract<BegunRollback, { kind: 'begun' }>

/** Answers once it has begun; the work goes on behind. One at a time, of all workers of the projection. */
async function switchVersion<First extends { readonly kind: string }>(
  state: WorkerState,
  what: LastFailure['what'],
  begin: () => Promise<First>,
  work: (schema: string, signal: AbortSignal) => Promise<void>,
): Promise<First | Busy> {
  const { deps, stop } = state
  if (state.rebuilding) return { kind: 'busy' }
  const lease = state.leases.open(rebuildLease(deps.projection), state.ownerId)
  // Taken before the first await, so that two requests to this process cannot both pass.
  const begun = Promise.withResolvers<First | Busy>()
  state.rebuilding = (async () => {
    try {
      const asked = await acquireOnce(lease)
      if (asked === 'held') return begun.resolve({ kind: 'busy' })
      if (asked === 'unreachable') throw new Error('the lease of rebuilds could not be asked for: see the log')
      const first = await begin()
      begun.resolve(first)
      if (!isBegun(first)) return
      await work(first.schema, AbortSignal.any([stop.signal, lease.lost()]))
      state.failedInARow = 0
      state.lastFailure = undefined
    } catch (error) {
      state.failedInARow += 1
      await keepFailure(state, what, error)
      begun.reject(error)
      const alarm = error instanceof LogDivergedError ? { alarm: error.code } : {}
      if (!stop.signal.aborted)
        deps.logger.error({ err: error, ...alarm }, 'the live version stays: no other could take its place')
    } finally {
      await lease.release()
      state.rebuilding = undefined
    }
  })()
  return begun.promise
}

function isBegun(first: { readonly kind: string }): first is BegunVersion {
  return first.kind === 'begun'
}

/** One that is broken off as this process ends is kept, too: whoever asked waits for a version that never comes. */
async function keepFailure(state: WorkerState, what: LastFailure['what'], error: unknown): Promise<void> {
  const { pool, projection, clock, logger } = state.deps
  const reason = error instanceof Error ? error.message : String(error)
  state.lastFailure = { at: new Date(clock.nowMs()).toISOString(), what, reason }
  await noteFailure(pool, projection, what, reason).catch((cause: unknown) =>
    logger.warn({ err: cause }, `why the ${what} failed could not be kept: it is gone with this process`),
  )
}

/**
 * What a worker that died was building would stand in the status for ever. While another worker is building, nothing
 * is dropped.
 */
export async function dropUnfinished({ deps, leases, ownerId }: WorkerState): Promise<void> {
  const { projection, logger } = deps
  const lease = leases.open(rebuildLease(projection), ownerId)
  try {
    if ((await acquireOnce(lease)) !== 'ours') return
    const dropped = await inTransaction(makingPool(deps), (client) => settleUnfinished(client, projection))
    for (const schema of dropped) logger.warn({ schema }, 'a version whose rebuild was broken off is dropped')
  } finally {
    await lease.release()
  }
}

function rebuildLease({ service, name }: Projection): string {
  return `rebuild ${service}/${name}`
}
