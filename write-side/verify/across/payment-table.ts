import type { Commit } from '@micropay/schemas/log/commit'
import type { EventOf, LedgerEvent } from '@micropay/schemas/log/event'

/**
 * What the commits of a payment across partitions say of it. `prepare` and `settle` begin it: its participants promise
 * first, or its one participant decides; `cancelling` to `ended` are the coordinator's, too. The others are a
 * participant's: `posted` and `released` are of what was promised, `settled` and `refused` of what was not.
 */
export type StepKind =
  | ('prepare' | 'settle' | 'cancelling' | 'completed' | 'failed' | 'ended')
  | ('prepared' | 'posted' | 'released' | 'settled' | 'refused')

/** Of which kinds the commits are that one of a kind may rest on. */
export const restsOn: Readonly<Record<StepKind, readonly StepKind[]>> = {
  prepare: [],
  settle: [],
  cancelling: [],
  completed: ['prepared', 'settled'],
  failed: ['refused', 'released'],
  ended: ['posted', 'refused', 'released'],
  prepared: ['prepare'],
  settled: ['settle'],
  posted: ['completed'],
  released: ['failed'],
  refused: ['prepare', 'settle', 'failed', 'cancelling'],
}

const begun = ['prepare', 'settle'] as const
/** Behind which step of the same partition one of a kind may stand; undefined is in front of all. */
const follows: Readonly<Record<StepKind, readonly (StepKind | undefined)[]>> = {
  prepare: [undefined],
  settle: [undefined],
  cancelling: ['settle'],
  completed: [...begun, 'cancelling'],
  failed: [...begun, 'cancelling'],
  ended: ['completed', 'failed'],
  prepared: [undefined],
  settled: [undefined],
  posted: ['prepared'],
  released: ['prepared'],
  refused: [undefined],
}

export function mayFollow(kind: StepKind, before: StepKind | undefined): boolean {
  return follows[kind].includes(before)
}

export const isDone = (kind: StepKind) => kind === 'posted' || kind === 'settled'
export const isLetBe = (kind: StepKind) => kind === 'refused' || kind === 'released'

type SagaEvent = EventOf<
  | ('PaymentInitiated' | 'PaymentCompleted' | 'PaymentFailed' | 'CancelRequested' | 'PaymentEnded')
  | ('LegsPrepared' | 'LegsPosted' | 'LegsReleased' | 'LegsRefused')
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
  PaymentCompleted: () => 'completed',
  PaymentFailed: () => 'failed',
  CancelRequested: () => 'cancelling',
  PaymentEnded: () => 'ended',
  LegsPrepared: () => 'prepared',
  LegsPosted: ({ promised }) => (promised ? 'posted' : 'settled'),
  LegsReleased: () => 'released',
  LegsRefused: () => 'refused',
} satisfies { readonly [Type in SagaEvent['type']]: (data: EventOf<Type>['data']) => StepKind }

export function kindOf(event: SagaEvent): StepKind {
  switch (event.type) {
    case 'PaymentInitiated':
      return kinds.PaymentInitiated(event.data)
    case 'LegsPosted':
      return kinds.LegsPosted(event.data)
    default:
      return kinds[event.type]()
  }
}
