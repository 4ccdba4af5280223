import type { Notice } from '@micropay/runtime/leases'
import { type EventLog, LogError } from './event-log.ts'
import { FoldError } from './fold.ts'
import { foldLog, orFoldError } from './fold-log.ts'
import { type FoldState, readFold, storeFold } from './fold-state.ts'
import { alarmError, type Compared, compareHistory, HistoryError, resumeBehind } from './history.ts'

/** The name of a partition's lease: who reads its log tells there what the log does not hold any more. */
export function partitionLease(ledgerId: string, partition: number): string {
  return `${ledgerId}/partition/${partition}`
}

/** While evidence stands it is said again so often, by each who has it. */
export const SHARE_EVERY_MS = 10_000

/** How others are told of evidence: not the finding, but how far the log was read, so that each looks for itself. */
export function noticeText(fold: FoldState): string {
  return JSON.stringify(storeFold(fold))
}

export type Told = {
  readonly notice: Notice
  /** How far it had read the log; undefined where this code cannot read that. */
  readonly fold: FoldState | undefined
}

/** What was told of a ledger. One that cannot be read, of newer code or of no code, takes nothing from the others. */
export function readTold(notices: readonly Notice[], ledgerId: string): readonly Told[] {
  return notices
    .map((notice) => ({ notice, fold: foldIn(notice) }))
    .filter(({ fold }) => (fold?.genesis?.ledgerId ?? ledgerId) === ledgerId)
}

function foldIn({ text }: Notice): FoldState | undefined {
  try {
    return readFold(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** The log is not what it was: it may be put back, or a person accepts it by a record. */
export function isEvidence(error: unknown): error is Error {
  if (error instanceof FoldError) return error.code === 'offset_gap'
  if (error instanceof LogError) return error.code === 'log_truncated'
  // Newer code may have written that, which goes on with it.
  return error instanceof HistoryError && error.code !== 'unknown_generation'
}

/**
 * What a log says to who has folded it that far, and may have stopped in front of its next record. Throws LogError when
 * the log cannot be read.
 */
export async function judgeFold(log: EventLog, fold: FoldState, signal: AbortSignal): Promise<Judged> {
  const compared = await compareHistory(log, fold, signal)
  const until = fold.offset + 1n
  if (compared.kind !== 'follows' || (await log.end(fold.partition)) < until) return compared
  const next = await orFoldError(foldLog(log, fold, { until, signal }))
  if (!(next instanceof FoldError) && !next.alarm) return compared
  const error = next instanceof FoldError ? next : alarmError(next)
  if (!isEvidence(error) || (await resumeBehind(log, fold, signal)) !== undefined) return compared
  return { kind: 'stopped', error }
}

export type Judged = Exclude<Compared, { kind: 'stopped' }> | { readonly kind: 'stopped'; readonly error: Error }
