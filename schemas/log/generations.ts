import type { CommandType, EventType } from './event.ts'
import type { RejectionCode } from './rejection.ts'

/**
 * What each generation of shapes brought: versions of events, commands, reasons to refuse, other rules. A claim
 * announces the generation that its worker writes, and whatever is of a later one is not written. Commands and reasons
 * that are not named here are of the first. A row is added with each new shape, and one that was released is never
 * changed.
 */
export const generations: Generations = [
  {
    events: {
      ...{ AccountOpened: 1, AccountFrozen: 1, AccountUnfrozen: 1, AccountClosed: 1 },
      ...{ PaymentPosted: 1, StatementImported: 1, PayeeSaved: 1, PayeeRemoved: 1 },
    },
    commands: [],
    rejections: [],
  },
  {
    events: {
      ...{ AccountOpened: 2, AccountFrozen: 2, AccountUnfrozen: 2, AccountClosed: 2 },
      ...{ AccountChanged: 1, AccountFlagSet: 1 },
    },
    commands: ['ChangeAccount', 'SetAccountFlag'],
    rejections: ['account_not_of_house', 'payee_not_payable'],
  },
  { events: { StatementPart: 1, StatementImported: 2 }, commands: ['KeepStatementPart'], rejections: [] },
  { events: { PaymentPosted: 2 }, commands: [], rejections: ['assertion_failed'] },
  {
    events: { LedgerZoneSet: 1, PeriodClosed: 1, PeriodReopened: 1 },
    commands: ['SetZone', 'ClosePeriod', 'ReopenPeriod'],
    rejections: [
      ...(['value_date_not_today', 'value_date_in_future', 'value_date_before_opening', 'period_closed'] as const),
      'period_in_future',
      ...(['period_already_closed', 'period_gap', 'period_changed', 'period_not_closed', 'period_not_last'] as const),
    ],
  },
  {
    events: { PolicySet: 1, CommandProposed: 1, CommandApproved: 1, CommandRefused: 1 },
    commands: ['SetPolicy', 'ApproveCommand', 'RefuseCommand'],
    rejections: [
      ...(['proposal_not_found', 'proposal_decided', 'proposal_lapsed', 'proposal_changed'] as const),
      'approval_by_maker',
    ],
  },
  {
    events: {},
    commands: ['RefundPayment'],
    rejections: ['payment_not_found', 'refund_not_possible', 'refund_exceeds_payment'],
  },
  {
    events: { StatementWithdrawn: 1, PayeeChecked: 1, CommandApproved: 2 },
    commands: ['WithdrawStatement', 'CheckPayee'],
    rejections: [
      ...(['statement_not_found', 'statement_withdrawn', 'payee_checks_exceeded'] as const),
      ...(['period_not_reached', 'opening_in_future', 'refund_before_payment'] as const),
    ],
    rules: ['ids_of_tenants', 'whole_proposals'],
  },
  { events: {}, commands: [], rejections: [], rules: ['other_currencies'] },
  {
    events: {
      ...{ PaymentInitiated: 1, PaymentCompleted: 1, PaymentFailed: 1, CancelRequested: 1, PaymentEnded: 1 },
      ...{ LegsPrepared: 1, LegsPosted: 1, LegsReleased: 1, LegsRefused: 1 },
    },
    commands: ['CancelPayment', 'ExpirePayment', 'StepPayment', 'TakeFact'],
    rejections: ['payment_cancelled', 'payment_expired', 'payment_not_open'],
  },
  {
    events: {
      ...{ LegsPosted: 2, LegsReleased: 2, PaymentCompleted: 2 },
      ...{ LegsRecalled: 1, LegsWrittenOff: 1, PaymentReopened: 1, HistoryAccepted: 1, HistoryAnswered: 1 },
      ...{ PeriodClosing: 1, PeriodSealed: 1, PeriodCalledOff: 1 },
    },
    commands: ['AcceptHistory', 'LearnHistory', 'CallOffPeriod', 'StepPeriod'],
    rejections: ['period_closing', 'period_not_closing', 'period_called_off', 'period_not_sealed'],
    rules: ['confirmed_payments'],
  },
]

export type Generations = readonly Generation[]

type Generation = {
  /** The version that each event is written in from here on. */
  readonly events: { readonly [Type in EventType]?: number }
  readonly commands: readonly CommandType[]
  readonly rejections: readonly RejectionCode[]
  /** Other rules that came with it, which the constants below explain. */
  readonly rules?: readonly Rule[]
}

type Rule = 'ids_of_tenants' | 'whole_proposals' | 'other_currencies' | 'confirmed_payments'

/**
 * The newest generation of records and events that this code reads, and may write. A claim carries the one that its
 * owner writes, so that an old reader knows when to stop: without one in front of it, a kind, event, version or value
 * that the reader does not know is a record that was changed. So whatever is new has a generation, and under an earlier
 * one nobody reads it.
 */
export const EVENT_GENERATION = generations.length

/** From this one on, payments have legs. */
export const LEGS_GENERATION = 4
/** From this one on, each tenant has ids of accounts of its own; before it they are one name space for all tenants. */
export const ACCOUNT_KEY_GENERATION = firstWith(({ rules }) => rules?.includes('ids_of_tenants'))
/** From this one on, texts about a person stand apart from all else, and say whom they are about. */
export const PERSONAL_GENERATION = 4
/**
 * From this one on, the parts of a statement wait with the import that they are of, and no policy is about them; and
 * the hash of a proposal is over the canonical form of what was asked.
 */
export const WHOLE_PROPOSALS_GENERATION = firstWith(({ rules }) => rules?.includes('whole_proposals'))
/** From this one on, a policy above an amount holds for whatever moves in another currency, too. */
export const OTHER_CURRENCIES_GENERATION = firstWith(({ rules }) => rules?.includes('other_currencies'))
/** From this one on, a policy may ask who pays to confirm it: a worker that does not know it would not ask. */
export const CONFIRMATION_GENERATION = firstWith(({ rules }) => rules?.includes('confirmed_payments'))

/** From this one on, a payment may have accounts on several partitions. */
export const SAGAS_GENERATION = broughtCommand('StepPayment')
/** From this one on, partitions make good among themselves what one of them has lost and a person has accepted. */
export const HISTORY_GENERATION = broughtCommand('AcceptHistory')

/** In which version a worker of a generation writes an event; undefined where that generation has no such event. */
export function versionIn(generation: number, type: EventType, table: Generations = generations): number | undefined {
  return table.slice(0, generation).findLast(({ events }) => events[type] !== undefined)?.events[type]
}

/** The generation that brought a reason to refuse: the rule behind it applies from there on. */
export function broughtRule(code: RejectionCode, table: Generations = generations): number {
  return firstWith(({ rejections }) => rejections.includes(code), table)
}

/** The generation that brought a command. */
export function broughtCommand(type: CommandType, table: Generations = generations): number {
  return firstWith(({ commands }) => commands.includes(type), table)
}

/** What none names is of the first. */
function firstWith(brings: (generation: Generation) => boolean | undefined, table: Generations = generations): number {
  return 1 + Math.max(0, table.findIndex(brings))
}
