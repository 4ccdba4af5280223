import type { Commit } from '@micropay/schemas/log/commit'
import type { CommandType } from '@micropay/schemas/log/event'
import type { LedgerCommand } from '@micropay/write-side/decide/decide'
import { eventOf, outcomeIn } from './invariants.ts'

/** What clients must have come to in a run: of whatever is missing here the run proves nothing. */
export const deedKinds = [
  ...of('MakePayment', ['accepted', 'accepted by legs', 'accepted for an earlier day', 'proposed', 'approved']),
  ...of('MakePayment', ['insufficient_funds', 'assertion_failed', 'account_frozen', 'account_not_found']),
  ...of('MakePayment', ['value_date_in_future', 'value_date_before_opening', 'period_closed']),
  ...of('RefundPayment', ['accepted whole', 'accepted in part', 'accepted by legs', 'accepted of a closed period']),
  ...of('RefundPayment', ['proposed', 'approved', 'answered again', 'refund_exceeds_payment', 'refund_not_possible']),
  ...of('RefundPayment', ['payment_not_found', 'account_frozen', 'insufficient_funds', 'period_closed']),
  ...of('SetPolicy', ['accepted', 'proposed', 'approved']),
  ...of('ApproveCommand', ['accepted', 'approval_by_maker', 'proposal_decided', 'proposal_lapsed']),
  ...of('ApproveCommand', ['proposal_changed', 'proposal_not_found', 'refused as its command is']),
  ...of('RefuseCommand', ['accepted', 'accepted of its maker', 'proposal_decided', 'proposal_lapsed']),
  ...of('RefuseCommand', ['proposal_not_found']),
  ...of('ClosePeriod', ['accepted', 'period_in_future', 'period_already_closed', 'period_gap', 'period_changed']),
  ...of('ReopenPeriod', ['proposed', 'approved', 'period_not_closed', 'period_not_last']),
  ...of('FreezeAccount', ['accepted', 'accepted for what leaves it', 'account_frozen']),
  ...of('ChangeAccount', ['accepted', 'accepted with a limit', 'proposed', 'approved']),
  ...of('SetAccountFlag', ['accepted', 'account_not_of_house']),
  ...of('OpenAccount', ['accepted', 'account_exists']),
  ...of('CloseAccount', ['account_not_empty']),
  ...of('SetZone', ['accepted']),
]

function of(type: CommandType, outcomes: readonly string[]): string[] {
  return outcomes.map((outcome) => `${type} ${outcome}`)
}

export type Deeds = {
  /** A commit that counts, and the command that it was asked for by. */
  counted(commit: Commit, command: LedgerCommand): void
  answeredAgain(type: CommandType): void
  counts(): ReadonlyMap<string, number>
}

export function createDeeds(): Deeds {
  const counts = new Map<string, number>()
  const makers = new Map<string, string>()
  const note = (type: CommandType, how: string) => {
    const deed = `${type} ${how}`
    counts.set(deed, (counts.get(deed) ?? 0) + 1)
  }
  return {
    counted(commit, command) {
      const { type } = command
      const proposed = eventOf(commit, 'CommandProposed')?.data
      if (proposed) makers.set(proposed.proposalId, commit.actor.subject)
      const outcome = outcomeIn(commit)
      note(type, outcome)
      if (outcome === 'accepted') for (const how of howOf(command, commit, makers)) note(type, how)
      if (type !== 'ApproveCommand') return
      const done = commit.events.at(1)?.type
      const isRefund = eventOf(commit, 'PaymentPosted')?.data.reverses !== undefined
      if (done !== undefined) note(isRefund ? 'RefundPayment' : (approvedBy[done] ?? type), 'approved')
      else if (!/^(proposal_|approval_)/.test(outcome)) note(type, 'refused as its command is')
    },
    answeredAgain: (type) => note(type, 'answered again'),
    counts: () => counts,
  }
}

const approvedBy: Readonly<Record<string, CommandType>> = {
  PaymentPosted: 'MakePayment',
  PolicySet: 'SetPolicy',
  PeriodReopened: 'ReopenPeriod',
  AccountChanged: 'ChangeAccount',
}

function howOf(command: LedgerCommand, commit: Commit, makers: ReadonlyMap<string, string>): string[] {
  const posted = eventOf(commit, 'PaymentPosted')?.data
  const hows = {
    'accepted by legs': 'legs' in command.data && command.data.legs !== undefined,
    'accepted for an earlier day': posted !== undefined && posted.effectiveAt < commit.decidedAt.slice(0, 10),
    'accepted whole': posted?.reverses?.whole === true,
    'accepted in part': posted?.reverses?.whole === false,
    'accepted of a closed period': posted?.corrects !== undefined,
    'accepted for what leaves it': 'direction' in command.data && command.data.direction === 'outgoing',
    'accepted with a limit': command.type === 'ChangeAccount' && command.data.overdraftLimit !== undefined,
    'accepted of its maker':
      command.type === 'RefuseCommand' && makers.get(command.data.proposalId) === commit.actor.subject,
  }
  return Object.entries(hows).flatMap(([how, isSo]) => (isSo ? [how] : []))
}
