import type { StateChange } from '../state/partition-state.ts'
import { answerOf } from './answer.ts'
import type { CommandResult } from './command.ts'
import type { Waiting } from './command-queue.ts'
import type { Draft } from './group-commit.ts'

export type OpenDraft = Draft<Waiting>

/**
 * The drafts that were handed to the log and are not settled: each is answered with success exactly when the fold
 * counts its record, by hash. Once a claim above their epoch was read, those left are void for ever.
 */
export type Doubt = {
  size(): number
  add(draft: OpenDraft): void
  /** The fold counted a record; answers its caller if it is one of these. */
  counted(hash: string, change: StateChange): void
  /**
   * A claim above their epoch was read: hands out those left, which may be decided again, here or by the next owner.
   */
  takeVoid(): Waiting[]
  /** Nobody will learn what became of them here: their callers are told so, and their keys stay taken. */
  giveUp(result: CommandResult): void
  /** A claim of this epoch was read: answers those of an earlier one, which never count. */
  settleBelow(epoch: number, result: CommandResult): void
}

export function createDoubt(partition: number): Doubt {
  const open = new Map<string, OpenDraft>()

  function counted(hash: string, change: StateChange): void {
    const draft = open.get(hash)
    if (!draft) return
    open.delete(hash)
    draft.entry.settle(answerOf(draft.entry.request, change.keyEntry, partition, false))
  }
  function giveUp(result: CommandResult): void {
    for (const draft of open.values()) draft.entry.tell(result)
    open.clear()
  }
  return {
    size: () => open.size,
    add: (draft) => open.set(draft.hash, draft),
    counted,
    takeVoid() {
      const entries = Array.from(open.values(), (draft) => draft.entry)
      open.clear()
      return entries
    },
    giveUp,
    settleBelow(epoch, result) {
      for (const [hash, draft] of open) {
        if (draft.epoch >= epoch) continue
        open.delete(hash)
        draft.entry.settle(result)
      }
    },
  }
}
