import type { Commit } from '@micropay/schemas/log/commit'
import type { LogRecord } from './event-log.ts'
import { FoldError, type Folded, foldRecord } from './fold.ts'
import type { FoldState } from './fold-state.ts'
import { alarmError, HistoryError } from './history.ts'

/**
 * Folds records up to the first that cannot be folded, or is evidence of a changed history: what stands before it
 * counts and is applied, and then `error` stops the reader. `partitions` is how many the log has, and the ledger's
 * genesis must agree.
 */
export function foldBatch(before: FoldState, records: readonly LogRecord[], options: FoldOptions): FoldedBatch {
  const { partitions, acceptedTo = 0n } = options
  let state = before
  const commits: Commit[] = []
  const folds: FoldedRecord[] = []
  try {
    for (const record of records) {
      const folded = foldRecord(state, record)
      if (folded.kind === 'genesis') checkPartitions(folded.genesis.partitions, partitions)
      if (folded.state.alarm && record.offset >= acceptedTo) throw alarmError(folded.state)
      state = folded.state
      folds.push({ record, folded })
      if (folded.kind === 'counted') commits.push(folded.commit)
    }
  } catch (error) {
    if (!(error instanceof FoldError || error instanceof HistoryError)) throw error
    return { state, commits, folds, error }
  }
  return { state, commits, folds }
}

export type FoldOptions = {
  readonly partitions: number
  /** Alarms in front of this offset do not stop: a resume that stands there accepts them (`resumeBehind`). */
  readonly acceptedTo?: bigint | undefined
}

export type FoldedBatch = {
  readonly state: FoldState
  readonly commits: readonly Commit[]
  /** Every record that was folded, those too that do not count. */
  readonly folds: readonly FoldedRecord[]
  readonly error?: FoldError | HistoryError
}

/** A record as it stands in the log, and what it did. */
export type FoldedRecord = { readonly record: LogRecord; readonly folded: Folded }

function checkPartitions(ledger: number, present: number): void {
  if (ledger === present) return
  throw new FoldError('wrong_ledger', `the ledger began with ${ledger} partitions and its log has ${present}`)
}
