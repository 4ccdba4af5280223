import type { Commit } from '@micropay/schemas/log/commit'
import type { EventOf, LedgerEvent } from '@micropay/schemas/log/event'

/**
 * What the commits of a payment across partitions say of it. `prepare` and `settle` begin it: its participants promise
 * first, or its one participant decides; `cancelling` to `reopened` are the coordinator's, too. The others are a
 * participant's: `posted` and `released` are of what was promised, `settled` and `refused` of what was not. Behind a
 * history that was lost and accepted, `learned` is a decision that its coordinator had made in what it lost, `reopened`
 * takes back that it is over, `forced` is posted again, and `written off` what was posted for a payment that is gone.
 */
export type StepKind =
  | ('prepare' | 'settle' | 'cancelling' | 'completed' | 'learned' | 'failed' | 'ended' | 'reopened')
  | ('prepared' | 'posted' | 'released' | 'settled' | 'refused' | 'forced' | 'written off')

/** What a step may rest on: others, or that a person accepted what its coordinator had lost. */
export type Ground = StepKind | 'resumed'

/** Of which kinds the commits are that one of a kind may rest on. */
export const restsOn: Readonly<Record<StepKind, readonly Ground[]>> = {
  prepare: [],
  settle: [],
  cancelling: [],
  completed: ['prepared', 'settled'],
  learned: ['posted', 'settled', 'forced'],
  failed: ['refused', 'released'],
  ended: ['posted', 'forced', 'refused', 'released'],
  reopened: ['resumed'],
  prepared: ['prepare'],
  settled: ['settle'],
  posted: ['completed', 'learned', 'reopened'],
  released: ['failed', 'reopened', 'resumed'],
  refused: ['prepare', 'settle', 'failed', 'cancelling', 'reopened'],
  forced: ['completed', 'learned', 'reopened'],
  'written off': ['resumed'],
}

const begun = ['prepare', 'settle'] as const
const decided = ['completed', 'learned', 'failed'] as const
/** Behind which step of the same partition one of a kind may stand; undefined is in front of all. */
const follows: Readonly<Record<StepKind, readonly (StepKind | undefined)[]>> = {
  prepare: [undefined],
  settle: [undefined],
  cancelling: ['settle'],
  completed: [...begun, 'cancelling'],
  learned: [...begun, 'cancelling'],
  failed: [...begun, 'cancelling'],
  ended: [...decided, 'reopened'],
  reopened: [...decided, 'ended', 'reopened'],
  prepared: [undefined],
  settled: [undefined],
  posted: ['prepared'],
  released: ['prepared'],
  refused: [undefined],
  forced: [undefined],
  'written off': ['posted', 'settled', 'forced'],
}

export function mayFollow(kind: StepKind, before: StepKind | undefined): boolean {
  return follows[kind].includes(before)
}

export const isDone = (kind: StepKind) => kind === 'posted' || kind === 'settled' || kind === 'forced'
export const isLetBe = (kind: StepKind) => kind === 'refused' || kind === 'released'
/** What a participant does, and by the word of its coordinator. */
export const isOfParticipant = (kind: StepKind) =>
  isDone(kind) || isLetBe(kind) || kind === 'prepared' || kind === 'written off'
export const isCompleted = (kind: StepKind) => kind === 'completed' || kind === 'learned'

type SagaEvent = EventOf<
  | ('PaymentInitiated' | 'PaymentCompleted' | 'PaymentFailed' | 'CancelRequested' | 'PaymentEnded' | 'PaymentReopened')
  | ('LegsPrepared' | 'LegsPosted' | 'LegsReleased' | 'LegsRefused' | 'LegsWrittenOff')
>

/** The event that says what the commit is a step to: legs of the coordinator's own stand beside another one. */
export function stepIn({ events }: Pick<Commit, 'events'>): SagaEvent | undefined {
  return events.find(isOfPaymentAcross)
}

function isOfPaymentAcross(event: LedgerEvent): event is SagaEvent {
  return event.type in kinds
}

const kinds = {
  PaymentInitiated: ({ settles }) => (settles ? 'settle' : 'prepare'),
  PaymentCompleted: ({ learned }) => (learned ? 'learned' : 'completed'),
  PaymentFailed: () => 'failed',
  CancelRequested: () => 'cancelling',
  PaymentEnded: () => 'ended',
  PaymentReopened: () => 'reopened',
  LegsPrepared: () => 'prepared',
  LegsPosted: ({ promised, forced }) => (forced ? 'forced' : promised ? 'posted' : 'settled'),
  LegsReleased: () => 'released',
  LegsRefused: () => 'refused',
  LegsWrittenOff: () => 'written off',
} satisfies { readonly [Type in SagaEvent['type']]: (data: EventOf<Type>['data']) => StepKind }

export function kindOf(event: SagaEvent): StepKind {
  switch (event.type) {
    case 'PaymentInitiated':
      return kinds.PaymentInitiated(event.data)
    case 'PaymentCompleted':
      return kinds.PaymentCompleted(event.data)
    case 'LegsPosted':
      return kinds.LegsPosted(event.data)
    default:
      return kinds[event.type]()
  }
}
