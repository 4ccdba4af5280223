import type { EventLog } from '@micropay/event-log/event-log'
import type { Stretch } from '@micropay/event-log/find-commit'
import type { FoldState } from '@micropay/event-log/fold-state'
import type { Clock } from '@micropay/runtime/clock'
import type { Lease } from '@micropay/runtime/leases'
import type { Logger } from '@micropay/runtime/logger'
import type { RecordContext } from '@micropay/schemas/log/ledger-record'
import type { Share } from '../share/share.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import type { Snapshots } from '../state/snapshots/snapshots.ts'
import type { OpenedState, StateStore } from '../state/state-store.ts'
import { type CommandQueue, createCommandQueue } from './command-queue.ts'
import { createDoubt, type Doubt } from './doubt.ts'
import { defaultLimits, type OwnerLimits } from './owner-limits.ts'
import { createOwnerMeter, type OwnerMeter } from './owner-meter.ts'
import { createOwnerTime, type OwnerTime } from './owner-time.ts'
import type { SagaPorts } from './sagas/engine-state.ts'
import { createSagaEngine, type SagaEngine } from './sagas/saga-engine.ts'
import type { SnapshotStatus } from './snapshot-status.ts'
import type { Stop } from './stop-reason.ts'

/** What the parts of one owner share: what it was started with, and how it stands. */
export type Ownership = Omit<OwnershipOptions, 'limits' | 'sagas'> & {
  readonly partition: number
  readonly limits: OwnerLimits
  readonly queue: CommandQueue
  readonly doubt: Doubt
  readonly meter: OwnerMeter
  readonly time: OwnerTime
  readonly sagas: SagaEngine
  /** No more commands are taken. */
  readonly stopping: AbortController
  /** Nobody waits for those that were taken any longer. */
  readonly closing: AbortController
  phase: Phase
  /** Why nothing is decided here; undefined while nothing is wrong. */
  stop: Stop | undefined
  state: LedgerState | undefined
  openedStore: StateStore | undefined
  /** The state is checked every now and then until this aborts. */
  checking: AbortController
  /** The last state on disk that was not to be believed, and was folded anew. */
  stateDiscarded: StateDiscarded | undefined
  readonly snapshotStatus: SnapshotStatus
  /** Where records in front of what was read are not what they were: the newest finds, while they stand. */
  unfollowed: readonly Unfollowed[]
  /** Whose knowledge of the log was told and cannot be read, and has been logged. */
  readonly unreadable: Set<string>
  /** The newest fold that this worker knows, while there is no state: what is in doubt comes behind it. */
  lastFold: FoldState | undefined
  /** Claims in a row that led to no append: each makes the next one wait longer. */
  failures: number
  /** Whether the last claim was won: the log answers. */
  served: boolean
  /** Another worker shall have it, and is ready: what comes is for that one. */
  handedOver: boolean
}

export type Phase =
  | 'waiting for the lease'
  | 'waiting for the lease database'
  | 'claiming the partition'
  | 'serving'
  | 'stopped'

/** `at` is when it was found, as an ISO date. */
export type StateDiscarded = { readonly reason: string; readonly at: string }

/** A stretch of the log that does not lead from one fold to the other any more; `at` is when that was found, as ISO. */
export type Unfollowed = { readonly stretch: Stretch; readonly reason: string; readonly at: string }

export type OwnershipOptions = {
  readonly eventLog: EventLog
  /** Opens the state on disk, and checks it before, unless it was just made and its digest is `known`. */
  readonly openStore: (signal: AbortSignal, known?: string) => Promise<OpenedState>
  /** Where those of this partition's state are kept, if any are. */
  readonly snapshots?: Snapshots | undefined
  readonly lease: Lease
  /** Of several workers: what this one is to do with the partition. Without it, it asks for it and serves it. */
  readonly share?: Share
  readonly context: RecordContext
  readonly partitions: number
  readonly ownerId: string
  /** The generation that an operator has raised the ledger to; see write-generation.ts. */
  readonly writeGeneration?: number | undefined
  /** Is told how long each append took, in milliseconds. */
  readonly timeAppend?: ((latencyMs: number) => void) | undefined
  readonly clock: Clock
  readonly log: Logger
  readonly limits?: Partial<OwnerLimits>
  /** Of a ledger of several partitions: how their owners speak to each other. */
  readonly sagas?: SagaPorts
  /** Called when this worker can never serve the partition: another ledger, or a log that cannot be read. */
  readonly onFatal: (error: Error) => void
}

export function createOwnership(options: OwnershipOptions): Ownership {
  const limits = { ...defaultLimits, ...options.limits }
  const { clock, context, partitions, log, eventLog } = options
  const queue = createCommandQueue(limits, clock)
  const { partition } = context
  const time = createOwnerTime(clock)
  const meter = createOwnerMeter(clock, options.timeAppend)
  return {
    ...options,
    partition: context.partition,
    limits,
    queue,
    sagas: createSagaEngine({ ports: options.sagas, partition, partitions, queue, clock, time, log, eventLog }),
    doubt: createDoubt(context.partition, ({ payments }) => meter.decided(payments)),
    meter,
    time,
    stopping: new AbortController(),
    closing: new AbortController(),
    phase: 'claiming the partition',
    stop: undefined,
    state: undefined,
    openedStore: undefined,
    checking: new AbortController(),
    stateDiscarded: undefined,
    snapshotStatus: { last: undefined, refused: undefined, failed: undefined },
    unfollowed: [],
    unreadable: new Set(),
    lastFold: undefined,
    failures: 0,
    served: false,
    handedOver: false,
  }
}
