import type { VerifyFault } from '@micropay/schemas/api/audit'
import type { Commit, Resume } from '@micropay/schemas/log/commit'
import { formatPosition } from '@micropay/schemas/position'
import type { LedgerView } from '../decide/ledger.ts'
import { emptyLedger, overlayOn } from '../decide/overlay.ts'
import { changeOf, changeOfResume, scopedKeyIn } from '../state/partition-state.ts'
import { judgeCommit } from './judge-commit.ts'
import { createKeyWindow } from './key-window.ts'

/**
 * Judges the commits of a partition in the log's order, each against the state that those before it left: by the rules
 * that decide, by the time of the one before, and by the keys that were counted already. Memory grows with the accounts
 * and what else decisions read, and with the keys: 48 bytes each at most.
 */
export function createJudge(partition: number): Judge {
  const ledger = overlayOn(emptyLedger)
  const keys = createKeyWindow(KEPT_DAYS)
  let last = ''
  return {
    ledger,
    take(commit, { generation, agedMs, original, partitions, hash = '' }) {
      const { seq, decidedAt } = commit
      const found: VerifyFault[] = []
      const tell = (code: VerifyFault['code'], detail: string) => found.push({ code, seq, detail })
      if (decidedAt < last) tell('time_runs_back', `it was decided at ${decidedAt}, and the one before it at ${last}`)
      if (decidedAt > last) last = decidedAt
      const scopedKey = scopedKeyIn(commit)
      const before = scopedKey === undefined ? undefined : keys.note(scopedKey, seq, agedMs)
      if (before !== undefined) {
        const where = formatPosition({ partition, seq: before })
        tell('key_counted_twice', `its idempotency key was counted at ${where} already, and was still kept`)
      }
      let wrong: string | undefined
      try {
        wrong = judgeCommit(commit, ledger, {
          partition,
          ...(partitions === undefined ? {} : { partitions }),
          generation,
          original,
        })
        ledger.put(changeOf(commit, ledger, { partition, hash }).puts)
      } catch (error) {
        // The noun's own assertions: the facts do not fit the state.
        wrong ??= error instanceof Error ? error.message : String(error)
      }
      if (wrong !== undefined) tell('not_allowed', wrong)
      return found
    },
    resumed(resume, { partitions = 1, hash }) {
      ledger.put(changeOfResume(resume, ledger, { partition, partitions, hash }).puts)
    },
  }
}

export type Judge = {
  /** The state behind the commits that were taken. */
  readonly ledger: LedgerView
  /** Takes a resume that counts; `hash` is the one behind it. */
  resumed(resume: Resume, at: { readonly partitions: number | undefined; readonly hash: string }): void
  /**
   * What is wrong with a commit that counts; `agedMs` is the ledger's own time behind it, `generation` the newest that
   * was announced before it.
   */
  take(
    commit: Commit,
    at: {
      readonly generation: number
      readonly agedMs: number
      readonly original?: Commit | undefined
      /** Of the ledger; one, unless it is said. */
      readonly partitions?: number | undefined
      /** Behind the commit. */
      readonly hash?: string
    },
  ): readonly VerifyFault[]
}

/** As long as a worker keeps keys, in days of the ledger's own time. */
const KEPT_DAYS = 400
