import { LogError } from '@micropay/event-log/event-log'
import { FoldError } from '@micropay/event-log/fold'
import { HistoryError } from '@micropay/event-log/history'
import { StateDiskError } from '../state/tables.ts'
import { ClockError } from './owner-time.ts'
import type { Ownership } from './ownership.ts'

/**
 * What people read where an owner does not decide until a person has acted: the evidence, and where it says what to
 * do. Undefined for what passes by itself.
 */
export function stopReason(error: unknown): string | undefined {
  const stops = isHistory(error) || error instanceof ClockError || error instanceof StateDiskError
  return stops && error instanceof Error ? `stopped: ${error.message}; docs/operations.md says what to do` : undefined
}

/** The log is not what it was, or cannot be read on: it may be put back, or a person accepts it by a record. */
export function isHistory(error: unknown): boolean {
  if (error instanceof FoldError) return !isFatal(error)
  return error instanceof HistoryError || (error instanceof LogError && error.code === 'log_truncated')
}

/** The log did not answer, so that nothing of it was seen. */
export function isOutOfReach(error: unknown): boolean {
  return error instanceof LogError && error.code === 'log_unavailable'
}

/**
 * It goes on only when somebody says so. A disk that is full goes on as soon as it has room, and a clock as soon as it
 * is right; until then a worker on another host may do better.
 */
export function needsPerson(error: unknown): boolean {
  return stopReason(error) !== undefined && !(error instanceof StateDiskError || error instanceof ClockError)
}

/** This process was configured for another ledger: it must end. */
export function isFatal(error: unknown): error is FoldError {
  return error instanceof FoldError && (error.code === 'wrong_ledger' || error.code === 'no_genesis')
}

/** Whatever it was is over. */
export function goOn(owner: Ownership): void {
  owner.stoppedBecause = undefined
  owner.needsPerson = false
  owner.stoppedByLog = false
}
