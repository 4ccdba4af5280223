import type { EventLog } from '@micropay/event-log/event-log'
import type { Inbox } from '@micropay/event-log/inbox'
import type { ParkingLot } from '@micropay/event-log/parked'
import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import type { PaymentId } from '@micropay/schemas/identifiers'
import type { Message, Resumed } from '@micropay/schemas/log/message'
import type { Finding } from '../../decide/lost-history.ts'
import type { Saga } from '../../decide/saga.ts'
import type { Given } from '../../decide/stepped.ts'
import type { LedgerState } from '../../state/ledger-state.ts'
import type { CommandQueue } from '../command-queue.ts'
import type { OwnerTime } from '../owner-time.ts'
import { type ClosingsHeard, createClosingsHeard } from './closings-heard.ts'
import { createHeard, type HeardAnswers } from './heard.ts'
import type { MessageCodec } from './message-codec.ts'
import { createPaymentTraces, type PaymentTraces } from './payment-traces.ts'
import { createPromptness, type Promptness } from './promptness.ts'
import { createWaiters, type Waiters } from './waiters.ts'

/** What an owner needs to speak to those of other partitions. */
export type SagaPorts = {
  readonly inbox: Inbox
  readonly parking: ParkingLot
  readonly codec: MessageCodec
}

export type EngineOptions = {
  readonly ports: SagaPorts | undefined
  readonly partition: number
  readonly partitions: number
  readonly queue: Pick<CommandQueue, 'addStep'>
  readonly eventLog: EventLog
  readonly clock: Clock
  readonly time: Pick<OwnerTime, 'nowMs'>
  readonly log: Logger
}

/**
 * How a payment is gone on with: when its participants were asked last, and how often. There is nothing to do for it
 * before `dueMs`, by the monotonic clock, unless an answer `isHeard`.
 */
export type UnderWay = {
  askedMs: number
  tries: number
  readonly sinceMs: number
  dueMs: number
  isHeard: boolean
  /** As it stands, for whoever asks for all of them: no state is read for that. */
  readonly saga: Pick<Saga, 'state' | 'participants' | 'deadline'>
}

/**
 * What another partition has lost is being made good: from here on nothing else that it says is handled, so that what
 * is read of the own log stays all that there is. `turns` are taken until all that was handled before counts.
 */
export type HistoryRun = {
  readonly message: Resumed
  turns: number
  /** Once the log was read. */
  findings: readonly Finding[] | undefined
  /** All in front of it are made good. */
  next: number
  /** The seq of the newest acceptance before; undefined where there was none. */
  readonly acceptedBefore: number | undefined
  readonly sinceMs: number
}

/** What the parts of one engine share. */
export type Engine = EngineOptions & {
  readonly heard: HeardAnswers
  readonly waiters: Waiters
  readonly promptness: Promptness
  readonly underWay: Map<PaymentId, UnderWay>
  readonly counts: { sent: number; received: number; parked: number }
  /** Undefined while this owner does not serve. */
  ledger: LedgerState | undefined
  /** What is to be said, and whether for the first time. */
  outbox: { readonly message: Message; readonly isFirst: boolean }[]
  /** What cannot be handled as far as this owner knows, which may have been deposed without having read so. */
  strange: Given[]
  /** By partition, what it has lost and is being made good. */
  readonly runs: Map<number, HistoryRun>
  /** Payments that the own log was read for, by who asked behind which resume. */
  readonly looked: Set<string>
  /** So many have yet to say what they know of what was lost here, as it was looked last. */
  waitsFor: number
  /** While this owner serves. */
  serving: AbortSignal | undefined
  /** Those that were taken once more behind a record of this owner that counts. */
  readonly retaken: WeakSet<Given>
  readonly closings: ClosingsHeard
  readonly traces: PaymentTraces
}

export function newEngine(options: EngineOptions): Engine {
  const { clock } = options
  return {
    ...options,
    heard: createHeard(),
    waiters: createWaiters(clock),
    promptness: createPromptness(clock),
    underWay: new Map(),
    counts: { sent: 0, received: 0, parked: 0 },
    ledger: undefined,
    outbox: [],
    strange: [],
    runs: new Map(),
    looked: new Set(),
    waitsFor: 0,
    serving: undefined,
    retaken: new WeakSet(),
    closings: createClosingsHeard(),
    traces: createPaymentTraces(),
  }
}
