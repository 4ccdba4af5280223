import type { LostSpan } from '@micropay/schemas/log/history-events'
import { asItIs, type LedgerView, stateTable } from './ledger.ts'
import type { SaidAt } from './steps.ts'

/** What a partition knows of a history that was lost. */
export type KnownLoss = {
  /** What its resumes gave up. */
  readonly lost: readonly LostSpan[]
  /** What it said before this seq of its own is not handled any more. */
  readonly since?: number
  /** Of another partition: the newest commit here that accepts what it lost. */
  readonly acceptedAt?: SaidAt
}

/** By partition; this one, too. */
export const histories = stateTable('histories', (partition: number) => `${partition}`, asItIs<KnownLoss>())

/** What that partition has lost and given up, as far as this one knows; its own, too. */
export function spansOf(partition: number, ledger: LedgerView): readonly LostSpan[] {
  return ledger.read(histories, partition)?.lost ?? []
}

/** Whether a position lies in history that was given up. */
export function isIn(spans: readonly LostSpan[], position: number): boolean {
  return spans.some(({ after, seq }) => after < position && position < seq)
}

/** Whether a commit of a partition is gone, as far as this one knows. */
export function isGone(
  { partition, seq }: { readonly partition: number; readonly seq: number },
  ledger: LedgerView,
): boolean {
  return isIn(spansOf(partition, ledger), seq)
}
