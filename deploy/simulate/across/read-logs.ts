import type { LogRecord } from '@micropay/event-log/event-log'
import type { FoldState } from '@micropay/event-log/fold-state'
import type { Commit } from '@micropay/schemas/log/commit'
import { createFoldReader, type FoldReader } from '../fold-reader.ts'
import type { Fail } from '../violation.ts'
import { PARTITIONS } from './partitions.ts'
import { createTruth, type Truth } from './truth.ts'

type Given = { readonly seq: number; readonly epoch: number }

/** Reads the logs of all partitions, as they grow and as they lose their ends. */
export type ReadLogs = {
  readonly truths: readonly Truth[]
  fold(partition: number): FoldState
  /** The highest seq, and epoch, that any log of the partition ever had. */
  given(partition: number): Given
  /** Goes on with what was appended; `each` is given every commit that counts, and the hash behind it. */
  read(
    partition: number,
    records: readonly LogRecord[],
    each: (truth: Truth, commit: Commit, hash: string) => void,
  ): void
  /** Begins a partition anew, of what is left. */
  restore(partition: number, records: readonly LogRecord[]): Truth
}

export function createReadLogs(fail: Fail): ReadLogs {
  const truths = Array.from({ length: PARTITIONS }, (_, partition) => createTruth(partition))
  const readers = truths.map(({ partition }) => createFoldReader(partition, fail))
  const highest: Given[] = truths.map(() => ({ seq: 0, epoch: 0 }))
  const logs: ReadLogs = {
    truths,
    fold: (partition) => (readers[partition] as FoldReader).fold,
    given: (partition) => highest[partition] ?? { seq: 0, epoch: 0 },
    read(partition, records, each) {
      const [reader, truth] = [readers[partition], truths[partition]]
      if (!reader || !truth) return
      for (const record of records) {
        const before = reader.fold.seq
        const commit = reader.read(record)
        const { seq, hash } = reader.fold
        if (commit) each(truth, commit, hash)
        else if (seq > before) truth.resume({ after: before, seq, hash })
      }
      const { seq, epoch } = logs.given(partition)
      highest[partition] = { seq: Math.max(seq, reader.fold.seq), epoch: Math.max(epoch, reader.fold.epoch) }
    },
    restore(partition, records) {
      const truth = createTruth(partition)
      truths[partition] = truth
      readers[partition] = createFoldReader(partition, fail)
      logs.read(partition, records, (_, commit, hash) => truth.enter(commit, hash))
      return truth
    },
  }
  return logs
}
