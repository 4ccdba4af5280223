import type { Refused } from '../state/snapshots/snapshots.ts'

/** How the snapshots of a partition stand at one worker; `at` is an ISO date. */
export type SnapshotStatus = {
  /** The newest one, whoever has taken it, as far as this worker knows. */
  last: { readonly seq: number; readonly at: string } | undefined
  /** The last one that was not to be believed, and was not used. */
  refused: (Refused & { readonly at: string }) | undefined
  /** Why the last one could not be taken, or looked for; undefined once that went well again. */
  failed: { readonly reason: string; readonly at: string } | undefined
}
