import type { Clock } from '@micropay/deploy/runtime/clock'
import type { Logger } from '@micropay/deploy/runtime/logger'
import { formatPosition } from '@micropay/schemas/position'
import type { EventLog } from '@micropay/write-side/append/event-log'
import type { FoldState } from '@micropay/write-side/append/fold'
import type { Pool } from 'pg'
import { applyBatch } from './apply-batch.ts'
import { loadCheckpoint, noteCaughtUp } from './checkpoint.ts'
import { type FoldedBatch, foldBatch } from './fold-batch.ts'
import type { Projection } from './projection.ts'

/**
 * Follows one partition of the log into one version's tables, from the stored checkpoint on, until the signal aborts or the version is
 * no longer wanted (`replaced`). Any error ends it; what was applied by then stays, exactly once.
 */
export async function followPartition(source: FollowSource, signal: AbortSignal): Promise<'aborted' | 'replaced'> {
  const { log, pool, projection, schema, partition } = source
  const start = await loadCheckpoint(pool, schema, partition)
  await tellWhereLive(source, start)
  const run: Run = {
    source,
    writer: projection.openWriter(schema, partition),
    stop: new AbortController(),
    rate: createRate(source.clock),
    applied: start.offset,
    end: undefined,
    replaced: false,
  }
  const stopped = AbortSignal.any([signal, run.stop.signal])
  const watching = watchEnd(run, stopped)
  let state = start
  let applying: Promise<void> = Promise.resolve()
  try {
    const options = { signal: stopped, maxRecords: source.maxRecords ?? 2_000 }
    for await (const records of log.read(partition, start.offset, options)) {
      // The next batch is read and folded while the one before it is being written.
      const batch = foldBatch(state, records, source.partitions)
      await applying
      if (run.replaced) break
      applying = apply(run, state, batch)
      applying.catch(() => run.stop.abort())
      state = batch.state
      if (batch.error) {
        await applying
        throw batch.error
      }
    }
    await applying
  } finally {
    run.stop.abort()
    await Promise.allSettled([applying, watching])
  }
  return run.replaced ? 'replaced' : 'aborted'
}

export type FollowSource = {
  readonly log: EventLog
  readonly pool: Pool
  readonly clock: Clock
  readonly logger: Logger
  readonly projection: Projection
  readonly schema: string
  readonly partition: number
  readonly partitions: number
  readonly maxRecords?: number
  /** Called with the log offset that is applied, after each commit and whenever the end is reached. */
  readonly onApplied?: (offset: bigint) => void
}

/** A version that was just made live may be ahead of the one before it by commits that nobody was told of. */
async function tellWhereLive({ pool, projection, schema }: FollowSource, start: FoldState): Promise<void> {
  await pool.query(`select pg_notify($2, $3) from projection.version where schema_name = $1 and state = 'live'`, [
    schema,
    projection.channel,
    `${formatPosition(start)} *`,
  ])
}

type Run = {
  readonly source: FollowSource
  readonly writer: ReturnType<Projection['openWriter']>
  readonly stop: AbortController
  readonly rate: Rate
  applied: bigint
  /** The log's end, and when that was asked. */
  end: { readonly offset: bigint; readonly atMs: number } | undefined
  replaced: boolean
}

async function apply(run: Run, before: FoldState, batch: FoldedBatch): Promise<void> {
  const { source, writer } = run
  for (const offset of batch.chainBrokenAt) {
    source.logger.error(
      { alarm: 'chain_broken', partition: source.partition, offset: String(offset) },
      'a commit does not continue the hash chain: it does not count',
    )
  }
  if (batch.state.offset === before.offset) return
  const known = run.end && batch.state.offset >= run.end.offset ? run.end.atMs : undefined
  run.rate.add(batch.commits.length)
  const move = {
    schema: source.schema,
    from: before.offset,
    caughtUpAgoMs: known === undefined ? undefined : source.clock.monotonicMs() - known,
    ratePerSecond: run.rate.perSecond(),
  }
  const version = await applyBatch(
    source.pool,
    { projection: source.projection, schema: source.schema, writer },
    batch,
    move,
  )
  run.applied = batch.state.offset
  source.onApplied?.(run.applied)
  if (version !== 'live' && version !== 'building') replaced(run)
}

const WATCH_EVERY_MS = 500

/** Compares with the log's end, so that the age of a quiet ledger stays small, and notices when the version was replaced. */
async function watchEnd(run: Run, signal: AbortSignal): Promise<void> {
  const { log, pool, clock, logger, schema, partition } = run.source
  while (!signal.aborted) {
    try {
      const atMs = clock.monotonicMs()
      const offset = await log.end(partition)
      run.end = { offset, atMs }
      if (run.applied >= offset) {
        const agoMs = clock.monotonicMs() - atMs
        await noteCaughtUp(pool, schema, partition, { offset: run.applied, agoMs, ratePerSecond: run.rate.perSecond() })
        run.source.onApplied?.(run.applied)
      }
      const version = await pool.query('select state from projection.version where schema_name = $1', [schema])
      if (version.rows[0]?.state !== 'live' && version.rows[0]?.state !== 'building') replaced(run)
    } catch (error) {
      if (!signal.aborted) logger.warn({ err: error, partition }, 'could not compare with the end of the log')
    }
    await clock.sleep(WATCH_EVERY_MS, signal)
  }
}

function replaced(run: Run): void {
  run.replaced = true
  run.stop.abort()
}

type Rate = { add(commits: number): void; perSecond(): number }

const RATE_WINDOW_MS = 10_000

/** Commits a second over the last ten seconds, in buckets of one second. */
function createRate(clock: Clock): Rate {
  const startedMs = clock.monotonicMs()
  const buckets = new Map<number, number>()
  const forgetOld = () => {
    const second = Math.floor(clock.monotonicMs() / 1000)
    for (const old of buckets.keys()) if (old <= second - RATE_WINDOW_MS / 1000) buckets.delete(old)
    return second
  }
  return {
    add(commits) {
      const second = forgetOld()
      buckets.set(second, (buckets.get(second) ?? 0) + commits)
    },
    perSecond() {
      forgetOld()
      const spanMs = Math.min(RATE_WINDOW_MS, Math.max(1_000, clock.monotonicMs() - startedMs))
      return (buckets.values().reduce((sum, commits) => sum + commits, 0) * 1000) / spanMs
    },
  }
}
