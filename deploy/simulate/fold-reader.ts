import type { LogRecord } from '@micropay/event-log/event-log'
import { FoldError, type Folded, foldRecord } from '@micropay/event-log/fold'
import { type FoldState, initialFold } from '@micropay/event-log/fold-state'
import type { Commit } from '@micropay/schemas/log/commit'
import { createExpectedFold } from './expected-fold.ts'
import type { Fail } from './violation.ts'

/** Reads a log by the fold that every reader runs, and by a second opinion on each record. */
export type FoldReader = {
  readonly fold: FoldState
  /** By the second opinion: no honest worker writes at or below. */
  seqAtClaim(): number
  /** By the second opinion: the newest generation of records that was announced. */
  generation(): number
  /** Reads the next record; answers what was counted. */
  read(record: LogRecord): Commit | undefined
}

export function createFoldReader(partition: number, fail: Fail): FoldReader {
  const expected = createExpectedFold(partition)
  let fold = initialFold(partition)
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
  }
}
