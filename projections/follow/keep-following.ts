import { LogError } from '@micropay/event-log/event-log'
import { isEvidence, SHARE_EVERY_MS } from '@micropay/event-log/evidence'
import { FoldError } from '@micropay/event-log/fold'
import { HistoryError } from '@micropay/event-log/history'
import { type BackOff, backOff } from '@micropay/runtime/back-off'
import type { Timer } from '@micropay/runtime/clock'
import { DatabaseError } from 'pg'
import { ProjectionError } from '../projection.ts'
import { SupersededError } from './check-history.ts'
import { CheckpointMovedError, noteStopped } from './checkpoint.ts'
import { followPartition } from './follow-partition.ts'
import type { FollowSource } from './follow-run.ts'
import { shareEvidence } from './share-evidence.ts'

/**
 * Follows a partition for as long as the signal allows. What passes (the database or the log out of reach, another
 * worker) is tried again soon. What needs a person (a record that cannot be read or applied) stops the partition
 * loudly, and is tried again after a long while. `superseded`: the version is to be built anew.
 */
export async function keepFollowing(
  source: FollowSource,
  status: FollowStatus,
  signal: AbortSignal,
): Promise<'aborted' | 'replaced' | 'superseded'> {
  let failures = 0
  while (!signal.aborted) {
    const startedMs = source.clock.monotonicMs()
    try {
      const ended = await followPartition({ ...source, onApplied: () => status.going() }, signal)
      return ended
    } catch (error) {
      if (signal.aborted) return 'aborted'
      if (source.clock.monotonicMs() - startedMs > STABLE_MS) failures = 0
      failures += 1
      const reason = reasonOf(error)
      const context = { err: error, partition: source.partition, schema: source.schema }
      if (error instanceof SupersededError || needsPerson(error)) {
        source.logger.error({ ...context, ...alarmOf(error) }, 'the projection stopped on this partition')
        status.stopped(reason)
        await noteStopped(source.pool, source.schema, source.partition, reason).catch(() => undefined)
        if (error instanceof SupersededError) return 'superseded'
        const sharing = isEvidence(error) ? keepSharing(source) : undefined
        await (isHistory(error) ? untilLogMoves(source, signal) : source.clock.sleep(backOff(failures, later), signal))
        sharing?.cancel()
      } else if (error instanceof CheckpointMovedError && (await isGone(source))) {
        return 'replaced'
      } else {
        source.logger.warn(context, 'the projection steps back and tries again')
        status.waiting(reason)
        await source.clock.sleep(backOff(failures, soon), signal)
      }
    }
  }
  return 'aborted'
}

export type FollowStatus = {
  going(): void
  waiting(reason: string): void
  stopped(reason: string): void
}

const STABLE_MS = 60_000
const soon: BackOff = { firstMs: 100, mostMs: 5_000 }
const later: BackOff = { firstMs: 15_000, mostMs: 300_000 }

function keepSharing(source: FollowSource): Timer {
  void shareEvidence(source)
  return source.clock.every(SHARE_EVERY_MS, () => void shareEvidence(source))
}

function isHistory(error: unknown): boolean {
  return error instanceof HistoryError || (error instanceof LogError && error.code === 'log_truncated')
}

function reasonOf(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error)
  return isHistory(error) ? `${reason}; docs/operations.md says what to do` : reason
}

function alarmOf(error: unknown): { readonly alarm?: string } {
  return error instanceof HistoryError || error instanceof LogError ? { alarm: error.code } : {}
}

/**
 * What a person decides is a record of the log, and to look for it may mean to fold all of it: so not until the log has
 * moved, and then not at once.
 */
async function untilLogMoves({ log, clock, partition }: FollowSource, signal: AbortSignal): Promise<void> {
  const endOf = () => log.end(partition).catch(() => undefined)
  const end = await endOf()
  for (let waitedMs = 0; waitedMs < later.mostMs && !signal.aborted; waitedMs += LOOK_EVERY_MS) {
    await clock.sleep(LOOK_EVERY_MS, signal)
    const now = await endOf()
    if (now !== undefined && now !== end) return
  }
}

const LOOK_EVERY_MS = 1_000

/** Classes 22 and 23 of SQLSTATE: the rows themselves are refused, and will be again. */
function needsPerson(error: unknown): boolean {
  if (error instanceof FoldError || error instanceof HistoryError || error instanceof ProjectionError) return true
  if (error instanceof LogError) return error.code === 'log_truncated' || error.code === 'log_mismatch'
  return error instanceof DatabaseError && /^2[23]/.test(error.code ?? '')
}

async function isGone({ pool, schema }: FollowSource): Promise<boolean> {
  const found = await pool
    .query('select 1 from projection.version where schema_name = $1', [schema])
    .catch(() => undefined)
  return found?.rowCount === 0
}
