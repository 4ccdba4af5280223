import type { FoldState } from '@micropay/event-log/fold-state'
import { formatPosition } from '@micropay/schemas/position'
import { applyDue, isFull } from './apply-gathered.ts'
import { type FollowedBatch, followHistory, openHistory } from './check-history.ts'
import { CheckpointMovedError, loadCheckpoint } from './checkpoint.ts'
import type { FollowSource, Run } from './follow-run.ts'
import { createRate } from './rate.ts'
import { foldedSince } from './trace-applied.ts'
import { watchEnd } from './watch-end.ts'

/**
 * Follows one partition of the log into one version's tables, from the stored checkpoint on, until the signal aborts
 * or the version is no longer wanted (`replaced`). The log must lead to the checkpoint, and on (check-history.ts). What
 * comes while a batch is being written is folded meanwhile and becomes the next one, so that batches grow with the
 * backlog. Any error ends it; what was applied by then stays, exactly once.
 */
export async function followPartition(source: FollowSource, signal: AbortSignal): Promise<'aborted' | 'replaced'> {
  const { pool, projection, schema, partition, batches } = source
  const history = await openHistory(source, await loadCheckpoint(pool, schema, partition), signal)
  await tellWhereLive(source, history.start)
  const run: Run = {
    source,
    writer: projection.openWriter(schema, partition, batches?.isLoading),
    stop: new AbortController(),
    rate: createRate(source.clock),
    applied: history.start.offset,
    unanalyzed: 0,
    end: undefined,
    gathered: undefined,
    applying: undefined,
    failure: undefined,
    replaced: false,
  }
  const stopped = AbortSignal.any([signal, run.stop.signal])
  const watching = watchEnd(run, stopped)
  try {
    for await (const batch of followHistory(source, history, { signal: stopped, maxRecords: READ_RECORDS })) {
      await gather(run, batch)
    }
  } catch (error) {
    // What was folded before counts, and is applied.
    applyDue(run, true)
    while (run.applying) await run.applying
    if (run.failure) throw run.failure
    await checkStillAlone(run)
    throw error
  } finally {
    run.stop.abort()
    await Promise.allSettled([run.applying, watching])
  }
  if (run.failure) throw run.failure
  return run.replaced ? 'replaced' : 'aborted'
}

/** Read and folded at a time: some milliseconds, which a transaction's next step waits at most. */
const READ_RECORDS = 200

/**
 * The fold reads accounts outside of any transaction: where another worker is ahead it has read what is not before its
 * batch, and its error means nothing.
 */
async function checkStillAlone({ source, applied }: Run): Promise<void> {
  const { pool, schema, partition } = source
  const { offset } = await loadCheckpoint(pool, schema, partition)
  if (offset !== applied) throw new CheckpointMovedError(`another worker moved ${schema}, partition ${partition}`)
}

/** A version that was just made live may be ahead of the one before it by commits that nobody was told of. */
async function tellWhereLive({ pool, projection, schema }: FollowSource, start: FoldState): Promise<void> {
  await pool.query(`select pg_notify($2, $3) from projection.version where schema_name = $1 and state = 'live'`, [
    schema,
    projection.channel,
    `${formatPosition(start)} *`,
  ])
}

/** Folds a batch onto what waits already, and waits itself while that is too much. */
async function gather(run: Run, { from, state, commits, folds }: FollowedBatch): Promise<void> {
  const { source, writer } = run
  const sinceMs = source.clock.monotonicMs()
  await writer.prepare(source.pool, commits)
  writer.fold(commits, folds)
  const waiting = run.gathered
  // What is built anew is of long ago.
  const folded = source.batches === undefined ? foldedSince(sinceMs, folds, source.clock) : undefined
  run.gathered = {
    from: waiting?.from ?? from,
    to: state,
    records: (waiting?.records ?? 0) + folds.length,
    commits: (waiting?.commits ?? 0) + commits.length,
    bytes: folds.reduce((sum, { record }) => sum + record.value.byteLength, waiting?.bytes ?? 0),
    folded: [...(waiting?.folded ?? []), ...(folded ? [folded] : [])],
  }
  applyDue(run)
  if (run.gathered && isFull(run.gathered)) await run.applying
  // Records that were read already come without a turn of the event loop, and transactions and the next fetch get on
  // only in such turns.
  else await source.clock.turn()
}
