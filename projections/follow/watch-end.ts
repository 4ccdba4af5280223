import { HistoryError } from '@micropay/event-log/history'
import { analyzeTables } from '../write/analyze-tables.ts'
import { type Run, replaced } from './follow-run.ts'

const WATCH_EVERY_MS = 500

/**
 * Compares with the log's end, so that the age of a quiet ledger stays small, and notices when the version was
 * replaced. All partitions of a process look at the same moments, and ask together.
 */
export async function watchEnd(run: Run, signal: AbortSignal): Promise<void> {
  const { log, followers, clock, logger, schema, partition } = run.source
  let looksBehind = 0
  while (!signal.aborted) {
    try {
      const atMs = clock.monotonicMs()
      const before = run.applied
      const offset = await log.end(partition)
      run.end = { offset, atMs }
      looksBehind = offset < before ? looksBehind + 1 : 0
      if (looksBehind > MOST_LOOKS_BEHIND) return truncated(run, offset)
      if (run.applied >= offset) {
        const agoMs = clock.monotonicMs() - atMs
        const ratePerSecond = run.rate.perSecond()
        await followers.noteCaughtUp({ schema, partition, offset: run.applied, agoMs, ratePerSecond })
        run.source.onApplied?.(run.applied)
        analyzeAfterBulk(run)
      }
      const state = await followers.stateOf(schema)
      if (state !== 'live' && state !== 'building') replaced(run)
    } catch (error) {
      if (!signal.aborted) logger.warn({ err: error, partition }, 'could not compare with the end of the log')
    }
    await clock.sleep(WATCH_EVERY_MS - (clock.monotonicMs() % WATCH_EVERY_MS), signal)
  }
}

/**
 * A log that was cut may grow past what was read of it before anybody reads on. A new leader of a partition may name an
 * earlier end for a moment.
 */
const MOST_LOOKS_BEHIND = 4

function truncated(run: Run, end: bigint): void {
  const { partition } = run.source
  run.failure = new HistoryError(
    'log_truncated',
    `the log of partition ${partition} ends at offset ${end}, and was read up to ${run.applied}`,
  )
  run.stop.abort()
}

/**
 * After an import the planner would plan by what the tables held before, for up to a minute until autovacuum comes by:
 * queries of some milliseconds took seconds then.
 */
function analyzeAfterBulk(run: Run): void {
  const { pool, buildingPool = pool, followers, schema, partition, batches, logger, clock } = run.source
  const { analyzing } = followers
  // Those of all partitions are gathered at once.
  if (analyzing.has(schema)) run.unanalyzed = 0
  if (batches || run.unanalyzed < Math.max(ANALYZE_AFTER, Number(run.applied) * ANALYZE_SHARE)) return
  run.unanalyzed = 0
  analyzing.add(schema)
  analyzeTables(buildingPool, schema, clock)
    .catch((error: unknown) => {
      if (!run.stop.signal.aborted) logger.warn({ err: error, partition }, 'statistics could not be gathered')
    })
    .finally(() => analyzing.delete(schema))
}

/** A bulk is so many commits, and such a share of all: as they come one by one, autovacuum keeps up. */
const ANALYZE_AFTER = 20_000
const ANALYZE_SHARE = 0.2
