import type { IndexComparison } from '@micropay/schemas/api/audit'
import type { HeadPosition } from '../position/snapshot.ts'

/** The index's own checkpoint against the fold of the log at the same position; null for one that has not begun. */
export function compareIndex(
  { partition, seq, hash }: HeadPosition,
  foldHash: string | undefined,
): IndexComparison | null {
  if (seq === 0) return null
  return { position: `${partition}:${seq}`, hash, foldHash: foldHash ?? null, agrees: foldHash === hash }
}
