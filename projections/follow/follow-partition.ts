import { setImmediate as turn } from 'node:timers/promises'
import type { EventLog } from '@micropay/event-log/event-log'
import type { FoldState } from '@micropay/event-log/fold'
import { type FoldedBatch, foldBatch } from '@micropay/event-log/fold-batch'
import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { formatPosition } from '@micropay/schemas/position'
import type { Pool } from 'pg'
import type { Projection, ProjectionWriter } from '../projection.ts'
import { analyzeTables } from '../write/analyze-tables.ts'
import { applyBatch, type Batch } from './apply-batch.ts'
import { CheckpointMovedError, loadCheckpoint, noteCaughtUp } from './checkpoint.ts'

/**
 * Follows one partition of the log into one version's tables, from the stored checkpoint on, until the signal aborts or the version is
 * no longer wanted (`replaced`). What comes while a batch is being written is folded meanwhile and becomes the next one, so that batches grow
 * with the backlog. Any error ends it; what was applied by then stays, exactly once.
 */
export async function followPartition(source: FollowSource, signal: AbortSignal): Promise<'aborted' | 'replaced'> {
  const { log, pool, projection, schema, partition, batches } = source
  const start = await loadCheckpoint(pool, schema, partition)
  await tellWhereLive(source, start)
  const run: Run = {
    source,
    writer: projection.openWriter(schema, partition, batches?.isLoading),
    stop: new AbortController(),
    rate: createRate(source.clock),
    applied: start.offset,
    broken: 0,
    unanalyzed: 0,
    end: undefined,
    gathered: undefined,
    applying: undefined,
    failure: undefined,
    replaced: false,
  }
  const stopped = AbortSignal.any([signal, run.stop.signal])
  const watching = watchEnd(run, stopped)
  let state = start
  try {
    for await (const records of log.read(partition, start.offset, { signal: stopped, maxRecords: READ_RECORDS })) {
      state = await gather(run, state, foldBatch(state, records, source.partitions))
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

export type FollowSource = {
  readonly log: EventLog
  readonly pool: Pool
  readonly clock: Clock
  readonly logger: Logger
  readonly projection: Projection
  readonly schema: string
  readonly partition: number
  readonly partitions: number
  /**
   * Waits for so many records before they are applied, but for the last ones before the offset `until`. Without it nothing waits. `isLoading` while the
   * version's indexes are not made yet.
   */
  readonly batches?: { readonly records: number; readonly until: bigint; readonly isLoading: boolean }
  /** Called with the log offset that is applied, after each commit and whenever the end is reached. */
  readonly onApplied?: (offset: bigint) => void
}

/** Read and folded at a time: some milliseconds, which a transaction's next step waits at most. */
const READ_RECORDS = 200
/** Applied in one transaction at most, and folded ahead of the one that is being applied. Records are of 700 bytes or so, and may be of a million. */
const MOST_RECORDS = 10_000
const MOST_BYTES = 32 * 1024 * 1024

/** The fold reads accounts outside of any transaction: where another worker is ahead it has read what is not before its batch, and its error means nothing. */
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

type Run = {
  readonly source: FollowSource
  readonly writer: ProjectionWriter
  readonly stop: AbortController
  readonly rate: Rate
  applied: bigint
  /** Commits read so far that do not continue the chain. */
  broken: number
  /** Commits applied since the planner's statistics were gathered. */
  unanalyzed: number
  /** The log's end, and when that was asked. */
  end: { readonly offset: bigint; readonly atMs: number } | undefined
  /** Folded and not yet handed to a transaction. */
  gathered: Gathered | undefined
  /** Never rejects: what goes wrong is `failure`. */
  applying: Promise<void> | undefined
  failure: unknown
  replaced: boolean
}

type Gathered = Omit<Batch, 'changes'> & { readonly bytes: number }

/** Folds what was read onto what waits already, and waits itself while that is too much. Answers the state behind it. */
async function gather(run: Run, before: FoldState, folded: FoldedBatch): Promise<FoldState> {
  const { source, writer } = run
  tellBrokenChain(run, folded.chainBrokenAt)
  await writer.prepare(source.pool, folded.commits)
  writer.fold(folded.commits, folded.folds)
  const waiting = run.gathered
  run.gathered = {
    from: waiting?.from ?? before,
    to: folded.state,
    records: (waiting?.records ?? 0) + folded.folds.length,
    commits: (waiting?.commits ?? 0) + folded.commits.length,
    bytes: folded.folds.reduce((sum, { record }) => sum + record.value.byteLength, waiting?.bytes ?? 0),
  }
  if (folded.error) throw folded.error
  applyDue(run)
  if (run.gathered && isFull(run.gathered)) await run.applying
  // Records that were read already come without a turn of the event loop, and transactions and the next fetch get on only in such turns.
  else await turn()
  return folded.state
}

/** Behind a commit that was changed none counts: the first is told, and then how many there are from time to time. */
function tellBrokenChain(run: Run, offsets: readonly bigint[]): void {
  const { logger, partition } = run.source
  for (const offset of offsets) {
    if (run.broken % BROKEN_TOLD_EVERY === 0) {
      logger.error(
        { alarm: 'chain_broken', partition, offset: String(offset), before: run.broken },
        'a commit does not continue the hash chain: it does not count, nor does any that follows it',
      )
    }
    run.broken += 1
  }
}

const BROKEN_TOLD_EVERY = 100_000

function isFull({ records, bytes }: Gathered): boolean {
  return records >= MOST_RECORDS || bytes >= MOST_BYTES
}

/** Starts to apply what was gathered, unless a batch is being applied already or more is worth waiting for. */
function applyDue(run: Run, isLast = false): void {
  const { gathered, source } = run
  if (run.applying || !gathered || gathered.records === 0 || run.stop.signal.aborted) return
  const { records, until } = source.batches ?? { records: 1, until: 0n }
  if (gathered.records < records && gathered.to.offset < until && !isFull(gathered) && !isLast) return
  run.gathered = undefined
  run.applying = applyAndRest(run, { ...gathered, changes: run.writer.take() }).then(
    () => {
      run.applying = undefined
      applyDue(run, isLast)
    },
    (error: unknown) => {
      run.applying = undefined
      run.failure = error
      run.stop.abort()
    },
  )
}

/** Any transaction costs as much as some dozens of rows: a live version begins one as soon as there is something, and not more often than this. */
const TRANSACTION_EVERY_MS = 20

async function applyAndRest(run: Run, batch: Batch): Promise<void> {
  const { clock, batches } = run.source
  const startedMs = clock.monotonicMs()
  await apply(run, batch)
  const restMs = TRANSACTION_EVERY_MS - (clock.monotonicMs() - startedMs)
  if (restMs > 0 && batches === undefined) await clock.sleep(restMs, run.stop.signal)
}

async function apply(run: Run, batch: Batch): Promise<void> {
  const { source, rate } = run
  const { schema, projection } = source
  const known = run.end && batch.to.offset >= run.end.offset ? run.end.atMs : undefined
  rate.add(batch.commits)
  const move = {
    schema,
    caughtUpAgoMs: known === undefined ? undefined : source.clock.monotonicMs() - known,
    ratePerSecond: rate.perSecond(),
  }
  const version = await applyBatch(source.pool, { projection, schema }, batch, move)
  run.applied = batch.to.offset
  run.unanalyzed += batch.commits
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
        analyzeAfterBulk(run)
      }
      const version = await pool.query('select state from projection.version where schema_name = $1', [schema])
      if (version.rows[0]?.state !== 'live' && version.rows[0]?.state !== 'building') replaced(run)
    } catch (error) {
      if (!signal.aborted) logger.warn({ err: error, partition }, 'could not compare with the end of the log')
    }
    await clock.sleep(WATCH_EVERY_MS, signal)
  }
}

/**
 * After an import the planner would plan by what the tables held before, for up to a minute until autovacuum comes by: queries of some milliseconds took
 * seconds then.
 */
function analyzeAfterBulk(run: Run): void {
  const { pool, schema, partition, batches, logger } = run.source
  if (batches || run.unanalyzed < Math.max(ANALYZE_AFTER, Number(run.applied) * ANALYZE_SHARE)) return
  run.unanalyzed = 0
  analyzeTables(pool, schema).catch((error: unknown) => {
    if (!run.stop.signal.aborted) logger.warn({ err: error, partition }, 'statistics could not be gathered')
  })
}

/** A bulk is so many commits, and such a share of all: as they come one by one, autovacuum keeps up. */
const ANALYZE_AFTER = 20_000
const ANALYZE_SHARE = 0.2

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
