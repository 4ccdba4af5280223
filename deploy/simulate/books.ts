import type { LogRecord } from '@micropay/event-log/event-log'
import type { FoldState } from '@micropay/event-log/fold-state'
import type { Commit } from '@micropay/schemas/log/commit'
import { commitKey } from './commit-key.ts'
import { createExpectedLedger, type ExpectedLedger } from './expected-ledger.ts'
import { createFoldReader } from './fold-reader.ts'
import { createInvariants, type Invariants } from './invariants.ts'
import type { Fail } from './violation.ts'

/** What a log holds: by the fold that every reader runs, and by a second opinion on each record. */
export type Books = {
  readonly fold: FoldState
  /** By the second opinion: no honest worker writes at or below. */
  seqAtClaim(): number
  /** By the second opinion: the newest generation of records that was announced. */
  generation(): number
  readonly ledger: ExpectedLedger
  readonly invariants: Invariants
  /** The commit that counts under a key. */
  commitOf(scopedKey: string): Commit | undefined
  /** All that count. */
  commits(): Iterable<Commit>
  /** When the newest commit was decided. */
  lastDecidedAt(): string
  /** Reads the next record; answers what was counted. */
  read(record: LogRecord): Commit | undefined
  /** Enters a commit that was judged. */
  enter(commit: Commit): void
}

export function createBooks(partition: number, fail: Fail): Books {
  const reader = createFoldReader(partition, fail)
  const byKey = new Map<string, Commit>()
  let lastDecidedAt = ''
  return {
    get fold() {
      return reader.fold
    },
    ...{ seqAtClaim: reader.seqAtClaim, generation: reader.generation, read: reader.read },
    ledger: createExpectedLedger(),
    invariants: createInvariants(),
    commitOf: (scopedKey) => byKey.get(scopedKey),
    commits: () => byKey.values(),
    lastDecidedAt: () => lastDecidedAt,
    enter(commit) {
      byKey.set(commitKey(commit), commit)
      lastDecidedAt = commit.decidedAt
    },
  }
}
