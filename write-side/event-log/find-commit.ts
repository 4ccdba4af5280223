import type { Commit } from '@micropay/schemas/log/commit'
import { formatPosition } from '@micropay/schemas/position'
import type { EventLog } from './event-log.ts'
import { FoldError, type Folded } from './fold.ts'
import { foldLog, orFoldError } from './fold-log.ts'
import type { FoldState } from './fold-state.ts'
import { HistoryError } from './history.ts'

/**
 * Where a commit stands: behind `from`, and at `until` or in front of it. Both are folds of the log that were read
 * before. `seq` is above that of `from`, and not above that of `until`.
 */
export type Stretch = {
  readonly seq: number
  readonly from: FoldState
  readonly until: Pick<FoldState, 'offset' | 'seq' | 'hash'>
}

/**
 * The stretch with a commit in it between two folds, the nearest that are known in front of it and from it on. What
 * stands behind the newest commit of `behind` is none of it; and where that is the one that is looked for, nor is what
 * stands in front.
 */
export function stretchBetween(seq: number, before: FoldState, behind: FoldState): Stretch {
  const { countedAt, claimedAt, previousHash } = behind
  const until = { seq: behind.seq, hash: behind.hash, offset: countedAt + 1n }
  // Who claimed since is not who wrote it.
  const isKnown = behind.seq === seq && claimedAt < countedAt
  return { seq, from: isKnown ? { ...behind, seq: seq - 1, hash: previousHash, offset: countedAt } : before, until }
}

/**
 * Of which commits the fold behind is kept, so that few records are read to find one of them: each so many records or
 * bytes, and on both sides of a large one and of a time in which nothing but heartbeats was written. None is told
 * twice; `last` is the last one that is kept already.
 */
export function createMarker(last: Pick<FoldState, 'offset' | 'seq'> = { offset: 0n, seq: 0 }): Marker {
  let [kept, bytes] = [last, 0]
  return {
    take(before, behind, size) {
      bytes += size
      const isApart = size > LARGE_BYTES || behind.countedAt - before.countedAt > RECORDS_A_MARK
      if (!isApart && bytes < BYTES_A_MARK && behind.offset - kept.offset < RECORDS_A_MARK) return []
      const isNew = before.seq > kept.seq
      kept = behind
      bytes = 0
      return isApart && isNew ? [before, behind] : [behind]
    },
  }
}

export type Marker = {
  /** The folds to keep by a commit that counts: those in front of it and behind it, or none. `size` in bytes. */
  take(before: FoldState, behind: FoldState, size: number): readonly FoldState[]
}

const RECORDS_A_MARK = 32n
const BYTES_A_MARK = 256 * 1024
const LARGE_BYTES = 64 * 1024

/**
 * The commit that counts at a sequence number, read from the log again. Undefined where none counts there, as a resume
 * passed over it. Whatever deposed owners wrote in between, the fold says what counts, and the hash behind it that
 * nothing was changed since: where the log does not lead from one fold to the other any more, throws HistoryError;
 * where it ends before, LogError `log_truncated`. Throws LogError when the log cannot be read, and what `signal` aborts
 * with.
 */
export async function findCommit(
  log: EventLog,
  { seq, from, until }: Stretch,
  signal: AbortSignal,
): Promise<Commit | undefined> {
  let found: Commit | undefined
  const each = (folded: Folded) => {
    if (folded.kind === 'counted' && folded.commit.seq === seq) found = folded.commit
  }
  const behind = await orFoldError(foldLog(log, from, { until: until.offset, signal, each }))
  if (behind instanceof FoldError) throw changedIn(from, until, behind)
  if (behind.seq !== until.seq || behind.hash !== until.hash) throw changedIn(from, until)
  return found
}

function changedIn({ partition, seq }: FoldState, until: Stretch['until'], cause?: FoldError): HistoryError {
  const to = `${formatPosition({ partition, seq: until.seq })} (offset ${until.offset} of the log)`
  const what = `a record between ${formatPosition({ partition, seq })} and ${to} is not the one that was read before`
  return new HistoryError('record_changed', what, { cause })
}
