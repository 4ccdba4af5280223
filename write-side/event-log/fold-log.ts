import type { EventLog } from './event-log.ts'
import { FoldError, type Folded, foldRecord } from './fold.ts'
import type { FoldState } from './fold-state.ts'

/**
 * Folds a log on from a state, up to the offset `until`, and answers the state there; `each` is told what every record
 * did, and ends it there by `true`. Throws LogError, FoldError for what cannot be folded, and what `signal` aborts
 * with.
 */
export async function foldLog(
  log: EventLog,
  from: FoldState,
  { until, signal, each }: FoldLogOptions,
): Promise<FoldState> {
  let state = from
  for await (const records of log.read(from.partition, from.offset, { signal, until })) {
    for (const record of records) {
      const folded = foldRecord(state, record)
      state = folded.state
      if (each?.(folded) === true) return state
    }
  }
  signal.throwIfAborted()
  return state
}

export type FoldLogOptions = {
  readonly until: bigint
  readonly signal: AbortSignal
  readonly each?: (folded: Folded) => unknown
}

/** What a fold comes to, or the error of the record that cannot be folded. */
export async function orFoldError<Result>(folding: Promise<Result>): Promise<Result | FoldError> {
  return folding.catch((error: unknown) => {
    if (error instanceof FoldError) return error
    throw error
  })
}
