import type { Commit } from '@micropay/schemas/log/commit'
import type { LogRecord } from './event-log.ts'
import { FoldError, type Folded, type FoldState, foldRecord } from './fold.ts'

/**
 * Folds records up to the first that cannot be folded: what stands before it counts and is applied, and then `error`
 * stops the reader. `partitions` is what this process is configured for, and the ledger's genesis must agree.
 */
export function foldBatch(before: FoldState, records: readonly LogRecord[], partitions: number): FoldedBatch {
  let state = before
  const commits: Commit[] = []
  const folds: FoldedRecord[] = []
  const chainBrokenAt: bigint[] = []
  try {
    for (const record of records) {
      const folded = foldRecord(state, record)
      if (folded.kind === 'genesis') checkPartitions(folded.genesis.partitions, partitions)
      state = folded.state
      folds.push({ record, folded })
      if (folded.kind === 'counted') commits.push(folded.commit)
      if (folded.kind === 'void' && folded.reason === 'chain_broken') chainBrokenAt.push(record.offset)
    }
  } catch (error) {
    if (!(error instanceof FoldError)) throw error
    return { state, commits, folds, chainBrokenAt, error }
  }
  return { state, commits, folds, chainBrokenAt }
}

export type FoldedBatch = {
  readonly state: FoldState
  readonly commits: readonly Commit[]
  /** Every record that was folded, those too that do not count. */
  readonly folds: readonly FoldedRecord[]
  /** Offsets of commits that break the chain: an alarm. */
  readonly chainBrokenAt: readonly bigint[]
  readonly error?: FoldError
}

/** A record as it stands in the log, and what it did. */
export type FoldedRecord = { readonly record: LogRecord; readonly folded: Folded }

function checkPartitions(ledger: number, configured: number): void {
  if (ledger === configured) return
  throw new FoldError('wrong_ledger', `the ledger has ${ledger} partitions and PARTITIONS is ${configured}`)
}
