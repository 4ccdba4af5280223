import type { LogRecord } from '@micropay/event-log/event-log'
import { FoldError, type Folded, foldRecord } from '@micropay/event-log/fold'
import { type FoldState, initialFold } from '@micropay/event-log/fold-state'
import type { Commit } from '@micropay/schemas/log/commit'
import { scopedKeyOf } from '@micropay/write-side/state/partition-state'
import { createExpectedFold } from './expected-fold.ts'
import { createExpectedLedger, type ExpectedLedger } from './expected-ledger.ts'
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
  const expected = createExpectedFold(partition)
  const byKey = new Map<string, Commit>()
  let fold = initialFold(partition)
  let lastDecidedAt = ''
  /** No reader gets past what stands here: nothing behind it counts. */
  let isClosed = false

  function foldNext(record: LogRecord): Folded | undefined {
    if (isClosed) return undefined
    try {
      return foldRecord(fold, record)
    } catch (error) {
      if (!(error instanceof FoldError)) throw error
      isClosed = true
      return undefined
    }
  }
  return {
    get fold() {
      return fold
    },
    seqAtClaim: () => expected.seqAtClaim,
    generation: () => expected.generation,
    ledger: createExpectedLedger(),
    invariants: createInvariants(),
    commitOf: (scopedKey) => byKey.get(scopedKey),
    commits: () => byKey.values(),
    lastDecidedAt: () => lastDecidedAt,
    read(record) {
      const folded = foldNext(record)
      if (!folded) return undefined
      fold = folded.state
      const counts = expected.next(record.value) === 'counts'
      const where = `offset ${record.offset}`
      if (counts !== (folded.kind === 'counted')) fail({ rule: 'the fold', detail: `${where} is ${folded.kind}` })
      if (expected.hash !== fold.hash) fail({ rule: 'the hash', detail: `behind ${where}` })
      if (expected.alarm !== (fold.alarm !== undefined)) fail({ rule: 'the alarm', detail: `behind ${where}` })
      return folded.kind === 'counted' ? folded.commit : undefined
    },
    enter(commit) {
      byKey.set(scopedKeyOf(commit), commit)
      lastDecidedAt = commit.decidedAt
    },
  }
}
