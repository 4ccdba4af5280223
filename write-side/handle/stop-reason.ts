import { isEvidence } from '@micropay/event-log/evidence'
import { FoldError } from '@micropay/event-log/fold'
import type { FoldState } from '@micropay/event-log/fold-state'
import { HistoryError } from '@micropay/event-log/history'
import { StateDiskError } from '../state/tables.ts'
import { ClockError } from './owner-time.ts'

export const stopKinds = ['evidence', 'code', 'host'] as const

/**
 * Why an owner decides nothing. `evidence`: the log is not the one that a worker has read, and what was acknowledged
 * may be missing from it. That is so for all, whoever has noticed it: nobody serves until the log is what it was or a
 * person has accepted it (`evidence.ts`), and who has the lease keeps it. `code`: what newer code wrote is not
 * understood here, and `host`: a clock or a disk of this machine is wrong. Those are so for one worker alone: it does
 * not keep the lease from others.
 */
export type Stop = {
  readonly kind: (typeof stopKinds)[number]
  /** That of the error: as long as kind and code are the same it is the same stop, whatever instant its text holds. */
  readonly code: string
  /** What people read: what was found, and where it says what to do. */
  readonly because: string
  /** What this worker knew of the log when it stopped; undefined where it stopped by what another one knows. */
  readonly fold: FoldState | undefined
}

/** Undefined for what is tried again at once, since it passes by itself. */
export function stopOf(error: unknown, fold: FoldState | undefined): Stop | undefined {
  const kind = kindOf(error)
  if (kind === undefined || !(error instanceof Error)) return undefined
  const code = 'code' in error ? String(error.code) : error.name
  return { kind, code, because: `stopped: ${error.message}; docs/operations.md says what to do`, fold }
}

function kindOf(error: unknown): Stop['kind'] | undefined {
  if (isEvidence(error)) return 'evidence'
  if (isFatal(error)) return undefined
  if (error instanceof FoldError || error instanceof HistoryError) return 'code'
  return error instanceof ClockError || error instanceof StateDiskError ? 'host' : undefined
}

/** This process was configured for another ledger: it must end. */
export function isFatal(error: unknown): error is FoldError {
  return error instanceof FoldError && (error.code === 'wrong_ledger' || error.code === 'no_genesis')
}
