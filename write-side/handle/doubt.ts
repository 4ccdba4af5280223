import type { StateChange } from '../state/partition-state.ts'
import { answerOf } from './answer.ts'
import { type CommandResult, isStep } from './command.ts'
import type { Waiting } from './command-queue.ts'
import type { Draft } from './group-commit.ts'
import { unknownOutcome } from './refusals.ts'

export type OpenDraft = Draft<Waiting>

/**
 * The drafts that were handed to the log and are not settled: each is answered with success exactly when the fold
 * counts its record, by hash, and the log still has it. Once a claim above their epoch was read, those left are void
 * for ever.
 */
export type Doubt = {
  size(): number
  /** How many there are once the oldest has been here for more than `STUCK_MS`; none while the log answers. */
  stuck(nowMs: number): number
  /** Now, by the monotonic clock. */
  add(draft: OpenDraft, nowMs: number): void
  /** The fold counted a record; if it is one of these, its caller can be told. */
  counted(hash: string, change: StateChange): void
  /** Whether somebody can be told. */
  hasCounted(): boolean
  /** Answers whose records were counted: they stand in the log. */
  tellCounted(): void
  /** The state that counted them was given up: what folds the log anew says which of them count. */
  forgetCounted(): void
  /**
   * A claim above their epoch was read: hands out those left, which may be decided again, here or by the next owner.
   */
  takeVoid(): Waiting[]
  /** Nobody will learn what became of them here: their callers are told so, and their keys stay taken. */
  giveUp(result: CommandResult): void
  /** A claim of this epoch was read: answers those of an earlier one, which never count. */
  settleBelow(epoch: number, result: CommandResult): void
}

/** An append that is answered is over within a second, and is in doubt that long, too. */
export const STUCK_MS = 5_000

/** `onCount` is told of each draft that counts and stands in the log, once. */
export function createDoubt(partition: number, onCount: (draft: OpenDraft) => void = () => {}): Doubt {
  const open = new Map<string, OpenDraft>()
  const known = new Map<string, StateChange>()
  // Appends come one behind the other, and none before all of the last are settled: so the first is the oldest.
  let sinceMs = 0

  function counted(hash: string, change: StateChange): void {
    if (open.has(hash)) known.set(hash, change)
  }
  function tellCounted(): void {
    for (const [hash, { key }] of known) {
      const draft = open.get(hash)
      open.delete(hash)
      if (!draft) continue
      onCount(draft)
      const { request, settle } = draft.entry
      // Nobody waits for a step.
      settle(isStep(request) || !key ? unknownOutcome : answerOf(request, key.entry, partition, false))
    }
    known.clear()
  }
  function giveUp(result: CommandResult): void {
    for (const draft of open.values()) draft.entry.tell(result)
    open.clear()
    known.clear()
  }
  return {
    size: () => open.size,
    stuck: (nowMs) => (nowMs - sinceMs > STUCK_MS ? open.size : 0),
    add(draft, nowMs) {
      if (open.size === 0) sinceMs = nowMs
      open.set(draft.hash, draft)
    },
    counted,
    hasCounted: () => known.size > 0,
    tellCounted,
    forgetCounted: () => known.clear(),
    takeVoid() {
      const drafts = [...open.values()].filter(({ hash }) => !known.has(hash))
      for (const { hash } of drafts) open.delete(hash)
      return drafts.map(({ entry }) => entry)
    },
    giveUp,
    settleBelow(epoch, result) {
      for (const [hash, draft] of open) {
        if (draft.epoch >= epoch || known.has(hash)) continue
        open.delete(hash)
        draft.entry.settle(result)
      }
    },
  }
}
