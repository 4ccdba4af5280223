import { LogError } from '@micropay/event-log/event-log'
import { FoldError } from '@micropay/event-log/fold'
import { HistoryError } from '@micropay/event-log/history'
import { ClockError } from './owner-time.ts'

/**
 * What people read where an owner must not decide until a person has acted: the evidence, and where it says what to
 * do. Undefined for what passes by itself.
 */
export function stopReason(error: unknown): string | undefined {
  const stops =
    error instanceof HistoryError ||
    error instanceof ClockError ||
    (error instanceof FoldError && !isFatal(error)) ||
    (error instanceof LogError && error.code === 'log_truncated')
  return stops ? `stopped: ${error.message}; docs/operations.md says what to do` : undefined
}

/** This process was configured for another ledger: it must end. */
export function isFatal(error: unknown): error is FoldError {
  return error instanceof FoldError && (error.code === 'wrong_ledger' || error.code === 'no_genesis')
}
