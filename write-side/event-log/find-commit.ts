import type { Commit } from '@micropay/schemas/log/commit'
import { formatPosition } from '@micropay/schemas/position'
import type { EventLog } from './event-log.ts'
import { FoldError, type Folded } from './fold.ts'
import { foldLog, orFoldError } from './fold-log.ts'
import type { FoldState } from './fold-state.ts'
import { HistoryError } from './history.ts'

/** Of every so many commits the fold behind is kept, so that so many are read at most to find one of them. */
export const COMMITS_A_MARK = 32

/**
 * Where a commit stands: behind `from`, and at `until` or in front of it. Both are folds of the log that were read
 * before; the nearer they are, the less is read. `seq` is above that of `from`, and not above that of `until`.
 */
export type Stretch = {
  readonly seq: number
  readonly from: FoldState
  readonly until: Pick<FoldState, 'offset' | 'seq' | 'hash'>
}

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
