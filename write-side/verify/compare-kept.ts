import type { FoldState } from '@micropay/event-log/fold-state'
import type { VerifyFault } from '@micropay/schemas/api/audit'
import type { Resume } from '@micropay/schemas/log/commit'
import { formatPosition } from '@micropay/schemas/position'

/** Where a verification that found no fault had folded to, and when. */
export type Kept = { readonly fold: FoldState; readonly at: string }

/** Whether a log that is folded from its first record leads to what was kept of it, and on. */
export type KeptComparison = {
  /** After each record that moves seq. */
  pass(state: FoldState): void
  accept(resume: Resume): void
  /** What is wrong with a log that ends there. */
  faultsAt(end: FoldState): readonly VerifyFault[]
}

export function createComparison({ fold: kept, at }: Kept): KeptComparison {
  const verified = `${formatPosition(kept)} that was verified on ${at}`
  let found: string | undefined
  let isAccepted = false
  return {
    pass({ seq, hash }) {
      if (seq === kept.seq) found = hash
    },
    // A person saw that the log did not lead there.
    accept: ({ previousSeq, seq }) => {
      isAccepted ||= previousSeq < kept.seq && seq > kept.seq
    },
    faultsAt(end) {
      const ledgers = [end.genesis?.ledgerId, kept.genesis?.ledgerId]
      const position = formatPosition(end)
      const fault = (code: VerifyFault['code'], detail: string): VerifyFault => ({ code, seq: end.seq, detail })
      if (end.offset === 0n) return [fault('log_empty', `the log is empty, and held ${verified}`)]
      if (ledgers[0] !== ledgers[1]) {
        return [
          fault('wrong_ledger', `the log is of the ledger ${ledgers[0]}, and ${ledgers[1]} was verified on ${at}`),
        ]
      }
      if (isAccepted || (kept.seq === 0 && end.offset >= kept.offset)) return []
      if (kept.seq > 0 && found === undefined) {
        return [fault('log_truncated', `the log counts up to ${position}, before ${verified}`)]
      }
      if (kept.seq > 0 && found !== kept.hash) {
        return [fault('record_changed', `the log differs from ${verified}: it has another hash there`)]
      }
      if (end.offset >= kept.offset) return []
      const missing = kept.offset - end.offset === 1n ? '1 record' : `${kept.offset - end.offset} records`
      return [fault('log_truncated', `the log ends ${missing} before its end of ${at}; no commit is missing`)]
    },
  }
}
