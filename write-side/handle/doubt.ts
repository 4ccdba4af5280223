import type { EventLog } from '@micropay/event-log/event-log'
import { type FoldState, foldRecord } from '@micropay/event-log/fold'
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
  /** Nobody will learn what became of them here. */
  giveUp(result: CommandResult): void
  /**
   * Reads the log from the fold before them, without a state, until all are settled or a claim above their epoch is
   * read; then answers those left with `orElse`. For a worker that must wait while another owns the partition.
   */
  watch(eventLog: EventLog, from: FoldState, signal: AbortSignal, orElse: CommandResult): Promise<void>
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
    for (const draft of open.values()) draft.entry.settle(result)
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
    async watch(eventLog, from, signal, orElse) {
      const done = new AbortController()
      let fold = from
      for await (const records of eventLog.read(partition, from.offset, {
        signal: AbortSignal.any([signal, done.signal]),
      })) {
        for (const record of records) {
          const folded = foldRecord(fold, record)
          fold = folded.state
          const draft = folded.kind === 'counted' ? open.get(fold.hash) : undefined
          if (draft) counted(fold.hash, draft.change)
        }
        const epoch = fold.epoch
        for (const [hash, draft] of open) {
          if (draft.epoch >= epoch) continue
          open.delete(hash)
          draft.entry.settle(orElse)
        }
        if (open.size === 0) done.abort()
      }
    },
  }
}
