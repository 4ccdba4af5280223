import { initialFold } from '@micropay/event-log/fold-state'
import type { OwnerMeter } from './owner-meter.ts'
import type { Ownership, Phase, StateDiscarded, Unfollowed } from './ownership.ts'
import { writtenGeneration } from './write-generation.ts'

/** How an owner stands, for those who watch it. */
export type OwnerStatus = ReturnType<OwnerMeter['read']> & {
  readonly partition: number
  readonly phase: Phase
  /** Why nothing is decided until a person has acted; undefined while nothing is wrong. */
  readonly stoppedBecause: string | undefined
  /** The last state on disk that was not to be believed, and was folded anew; undefined where there was none. */
  readonly stateDiscarded: StateDiscarded | undefined
  /** The last find of a record that is not what was read before, in front of what all have read. */
  readonly recordChanged: Omit<Unfollowed, 'stretch'> | undefined
  readonly epoch: number
  /** In which generation the partition is written: 0 while nobody has claimed it. */
  readonly generation: number
  readonly seq: number
  readonly queued: number
  /** Commands handed to the log whose outcome is not known yet. */
  readonly inDoubt: number
  /** Commits that count and are not in the state on disk yet. */
  readonly stateLagCommits: number
  /** Void records in the part of the log that the state reflects. */
  readonly voidsInLog: number
}

export function statusOf({
  partition,
  phase,
  stop,
  stateDiscarded,
  unfollowed,
  state,
  openedStore,
  lastFold,
  queue,
  doubt,
  meter,
}: Ownership): OwnerStatus {
  const fold = state?.fold ?? lastFold
  return {
    ...{ partition, phase, epoch: fold?.epoch ?? 0, seq: fold?.seq ?? 0, voidsInLog: fold?.voids ?? 0 },
    generation: writtenGeneration(fold ?? initialFold(partition)),
    recordChanged: unfollowed[0] && { reason: unfollowed[0].reason, at: unfollowed[0].at },
    ...{ stoppedBecause: stop?.because, stateDiscarded, queued: queue.size(), inDoubt: doubt.size() },
    stateLagCommits: state && openedStore ? state.fold.seq - (openedStore.mark()?.fold.seq ?? 0) : 0,
    ...meter.read(),
  }
}

/** Undefined while it serves, otherwise what it waits for. */
export function notServingBecause({ partition, phase, stop, stopping }: Ownership): string | undefined {
  if (stopping.signal.aborted) return `partition ${partition}: shutting down`
  if (stop) return `partition ${partition}: ${stop.because}`
  return phase === 'serving' ? undefined : `partition ${partition}: ${phase}`
}

/** What somebody should look at although the partition is served. */
export function troubleOf({ partition, stateDiscarded, recordChanged }: OwnerStatus): string | undefined {
  if (recordChanged)
    return `partition ${partition}: the log was changed, found at ${recordChanged.at}: ${recordChanged.reason}`
  if (!stateDiscarded) return undefined
  const { reason, at } = stateDiscarded
  return `partition ${partition}: the state on disk was not to be believed, and was folded anew at ${at}: ${reason}`
}
