import type { Inbox } from '@micropay/event-log/inbox'
import type { ParkingLot } from '@micropay/event-log/parked'
import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import type { PaymentId } from '@micropay/schemas/identifiers'
import type { Message } from '@micropay/schemas/log/message'
import type { Given } from '../../decide/stepped.ts'
import type { LedgerState } from '../../state/ledger-state.ts'
import type { CommandQueue } from '../command-queue.ts'
import { type ClosingsHeard, createClosingsHeard } from './closings-heard.ts'
import { createHeard, type HeardAnswers } from './heard.ts'
import type { MessageCodec } from './message-codec.ts'
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
  readonly clock: Clock
  readonly log: Logger
}

/** How a payment is gone on with: when its participants were asked last, and how often. */
export type UnderWay = { askedMs: number; tries: number; readonly sinceMs: number }

/** What the parts of one engine share. */
export type Engine = EngineOptions & {
  readonly heard: HeardAnswers
  readonly waiters: Waiters
  readonly promptness: Promptness
  readonly underWay: Map<PaymentId, UnderWay>
  readonly counts: { sent: number; received: number; parked: number }
  /** Undefined while this owner does not serve. */
  ledger: LedgerState | undefined
  outbox: Message[]
  /** What cannot be handled as far as this owner knows, which may have been deposed without having read so. */
  strange: Given[]
  /** Those that were taken once more behind a record of this owner that counts. */
  readonly retaken: WeakSet<Given>
  readonly closings: ClosingsHeard
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
    retaken: new WeakSet(),
    closings: createClosingsHeard(),
  }
}
