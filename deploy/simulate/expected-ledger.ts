import type { LedgerCommand } from '@micropay/write-side/decide/decide'
import type { Asked } from './asked.ts'
import {
  type AccountCommand,
  type Accounts,
  accountOf,
  applyToAccount,
  outcomeOfAccount,
  type Visible,
} from './expected-accounts.ts'
import { createExpectedApprovals } from './expected-approvals.ts'
import { createExpectedPayments, type ExpectedPosting, movedBy } from './expected-payments.ts'
import { createExpectedPeriods } from './expected-periods.ts'

/**
 * What commands should lead to, written from the documents and sharing no code with the ledger: one partition's worth
 * of accounts, payments, periods and approvals, and the first reason against each command.
 */
export type ExpectedLedger = {
  /** `accepted`, `proposed`, or the code of the refusal. */
  outcomeOf(asked: Asked): string
  /** What an accepted one moves, before it is applied; undefined where it moves nothing. */
  postingOf(asked: Asked): ExpectedPosting | undefined
  /** Takes over what became of it; `hash` is that of the proposal that it became. */
  apply(asked: Asked, outcome: string, hash?: string): void
}

export function createExpectedLedger(): ExpectedLedger {
  const accounts: Accounts = new Map()
  const visible =
    (tenant: string): Visible =>
    (accountId) =>
      accountOf(accounts, tenant, accountId)
  const periods = createExpectedPeriods()
  const payments = createExpectedPayments(visible, periods)
  const approvals = createExpectedApprovals()

  /** Whoever else must agree. */
  function outcomeAlone(asked: Asked): string {
    const { command, tenant } = asked
    if (command.type === 'MakePayment' || command.type === 'RefundPayment') {
      const posting = payments.postingOf(asked)
      return typeof posting === 'string' ? posting : payments.outcomeOf(posting, asked)
    }
    if (command.type === 'ClosePeriod') return periods.outcomeOfClosing(command.data, asked)
    if (command.type === 'ReopenPeriod') return periods.outcomeOfReopening(command.data, tenant)
    if (command.type === 'SetZone' || command.type === 'SetPolicy') return 'accepted'
    if (command.type === 'RefuseCommand') return approvals.outcomeOfRefusal(command.data.proposalId, asked)
    if (!isOfAccount(command)) throw new RangeError(`nothing is known of ${command.type} here`)
    return outcomeOfAccount(command, accounts, asked, periods)
  }
  function approved(asked: Asked): Asked | string {
    const { command } = asked
    if (command.type !== 'ApproveCommand') return asked
    return approvals.approvable(command.data.proposalId, command.data.hash, asked)
  }
  function postingOf(asked: Asked): ExpectedPosting | undefined {
    const own = approved(asked)
    if (typeof own === 'string' || !isPaid(own.command)) return undefined
    const posting = payments.postingOf(own)
    return typeof posting === 'string' ? undefined : posting
  }
  function applyAlone(asked: Asked): void {
    const { command, tenant, seq } = asked
    const posting = postingOf(asked)
    if (posting) payments.post(posting, asked)
    if (command.type === 'ClosePeriod') periods.close(command.data, tenant, seq)
    if (command.type === 'ReopenPeriod') periods.reopen(tenant)
    if (command.type === 'SetZone') periods.setZone(command.data.zone, tenant)
    if (command.type === 'SetPolicy') approvals.setPolicy(command.data, tenant)
    if (isOfAccount(command)) applyToAccount(command, accounts, tenant)
  }

  return {
    outcomeOf(asked) {
      const own = approved(asked)
      if (typeof own === 'string') return own
      const outcome = outcomeAlone(own)
      if (outcome !== 'accepted' || own !== asked) return outcome
      return approvals.needsTwo(asked.command.type, asked.tenant, paidIn(postingOf(asked))) ? 'proposed' : 'accepted'
    },
    postingOf,
    apply(asked, outcome, hash = '') {
      const { command } = asked
      if (outcome === 'proposed') return approvals.propose(asked, hash)
      if (outcome !== 'accepted') {
        if (command.type === 'MakePayment') payments.refused(asked)
        return
      }
      const own = approved(asked)
      if (typeof own !== 'string') applyAlone(own)
      if (command.type === 'ApproveCommand' || command.type === 'RefuseCommand')
        approvals.decide(command.data.proposalId)
    },
  }
}

function isPaid({ type }: LedgerCommand): boolean {
  return type === 'MakePayment' || type === 'RefundPayment'
}

const ofAccounts: readonly LedgerCommand['type'][] = [
  ...(['OpenAccount', 'FreezeAccount', 'UnfreezeAccount', 'CloseAccount', 'ChangeAccount'] as const),
  'SetAccountFlag',
]

function isOfAccount(command: LedgerCommand): command is AccountCommand {
  return ofAccounts.includes(command.type)
}

/** How much comes to accounts, a currency each. */
function paidIn(posting: ExpectedPosting | undefined): Map<string, bigint> {
  const paid = posting?.legs.filter(({ amount }) => BigInt(amount) > 0n) ?? []
  return movedBy(paid.map(({ currency, amount }) => ({ account: currency, amount, currency })))
}
