import type { Commit } from '@micropay/schemas/log/commit'
import { scopedKeyIn } from '@micropay/write-side/state/partition-state'

/** What a commit is told apart by: its command's key; of a step, which has none, what it rests on. */
export function commitKey(commit: Commit): string {
  return scopedKeyIn(commit) ?? `step ${JSON.stringify([commit.causes, commit.events])}`
}
