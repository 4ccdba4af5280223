import { initialFold } from '@micropay/event-log/fold-state'
import type { OwnerMeter } from './owner-meter.ts'
import type { Ownership, Phase, StateDiscarded, Unfollowed } from './ownership.ts'
import type { SagaStatus } from './sagas/saga-engine.ts'
import type { SnapshotStatus } from './snapshot-status.ts'
import type { Stop } from './stop-reason.ts'
import { writtenGeneration } from './write-generation.ts'

/** How an owner stands, for those who watch it. */
export type OwnerStatus = ReturnType<OwnerMeter['read']> & {
  readonly partition: number
  readonly phase: Phase
  /** Why nothing is decided until a person has acted; undefined while nothing is wrong. */
  readonly stoppedBecause: string | undefined
  readonly stopKind: Stop['kind'] | undefined
  /** The last state on disk that was not to be believed, and was folded anew; undefined where there was none. */
  readonly stateDiscarded: StateDiscarded | undefined
  /** The last find of a record that is not what was read before, in front of what all have read. */
  readonly recordChanged: Omit<Unfollowed, 'stretch'> | undefined
  /** Undefined where none are kept. */
  readonly snapshot: Readonly<SnapshotStatus> | undefined
  readonly epoch: number
  /** In which generation the partition is written: 0 while nobody has claimed it. */
  readonly generation: number
  readonly seq: number
  readonly queued: number
  /** So many may wait. */
  readonly queuedMost: number
  /** Commands handed to the log whose outcome is not known yet. */
  readonly inDoubt: number
  /** The same, once that has been so for long: 0 while the log answers. */
  readonly stuckInDoubt: number
  /** Commits that count and are not in the state on disk yet. */
  readonly stateLagCommits: number
  readonly sagas: SagaStatus
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
  limits,
  doubt,
  meter,
  sagas,
  snapshots,
  snapshotStatus,
  clock,
}: Ownership): OwnerStatus {
  const fold = state?.fold ?? lastFold
  return {
    ...{ partition, phase, epoch: fold?.epoch ?? 0, seq: fold?.seq ?? 0, voidsInLog: fold?.voids ?? 0 },
    generation: writtenGeneration(fold ?? initialFold(partition)),
    recordChanged: unfollowed[0] && { reason: unfollowed[0].reason, at: unfollowed[0].at },
    ...{ stoppedBecause: stop?.because, stopKind: stop?.kind, stateDiscarded },
    ...{ queued: queue.size(), queuedMost: limits.queuedCommands },
    ...{ inDoubt: doubt.size(), stuckInDoubt: doubt.stuck(clock.monotonicMs()) },
    stateLagCommits: state && openedStore ? state.fold.seq - (openedStore.mark()?.fold.seq ?? 0) : 0,
    sagas: sagas.status(),
    snapshot: snapshots && { ...snapshotStatus },
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
export function troubleOf({ partition, ...status }: OwnerStatus): string | undefined {
  const what = stateTrouble(status) ?? snapshotTrouble(status) ?? sagaTrouble(status)
  return what && `partition ${partition}: ${what}`
}

function stateTrouble({ stateDiscarded, recordChanged }: Pick<OwnerStatus, 'stateDiscarded' | 'recordChanged'>) {
  if (recordChanged) return `the log was changed, found at ${recordChanged.at}: ${recordChanged.reason}`
  if (!stateDiscarded) return undefined
  const { reason, at } = stateDiscarded
  return `the state on disk was not to be believed, and was folded anew at ${at}: ${reason}`
}

function snapshotTrouble({ snapshot }: Pick<OwnerStatus, 'snapshot'>): string | undefined {
  const { refused, failed } = snapshot ?? {}
  if (refused) return `the snapshot ${refused.name} is not to be believed, found at ${refused.at}: ${refused.reason}`
  return failed && `snapshots of the state do not work, since ${failed.at}: ${failed.reason}`
}

function sagaTrouble({ sagas }: Pick<OwnerStatus, 'sagas'>): string | undefined {
  const late = sagas.waitsFor.find(({ overdue }) => overdue > 0)
  if (!late) return undefined
  const howLong = `the first for ${Math.round(late.pastDeadlineMs / 1000)} s`
  return `${late.overdue} payments wait for partition ${late.partition} behind their deadline, ${howLong}`
}
