import { MakePayment } from '@micropay/schemas/api/payment'
import { AccountId, OwnerId, paymentIdAt } from '@micropay/schemas/identifiers'
import type { EventOf } from '@micropay/schemas/log/event'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { putAccount } from './account.ts'
import type { AccountState } from './account-state.ts'
import { decide } from './decide.ts'
import { ledgerWith } from './ledger.fixture.ts'
import type { Decision, DecisionFacts, LedgerView } from './ledger.ts'

/** An open customer's account of ada's, in EUR, without an overdraft, unless it is said otherwise. */
export function account(
  id: string,
  more: Partial<Omit<AccountState, 'owner'>> & { owner?: string } = {},
): AccountState {
  const { owner = 'customer:ada', ...rest } = more
  return {
    accountId: AccountId.parse(id),
    tenant: 'main',
    type: 'customer',
    currency: 'EUR',
    owner: OwnerId.parse(owner),
    overdraftLimit: '0',
    status: 'open',
    balanceMinor: 0n,
    ...rest,
  }
}

export function posting(from: string, to: string, amount: string, currency = 'EUR') {
  return { from, to, amount, currency }
}

export function leg(account: string, amount: string, more: { currency?: string; stands?: string } = {}) {
  return { account, amount, currency: 'EUR', ...more }
}

export function viewOf(accounts: readonly AccountState[]): LedgerView {
  return ledgerWith(...accounts.map(putAccount))
}

/** What a payment of ada's, who may not book, leads to with these accounts. */
export function pay(accounts: readonly AccountState[], payment: object, facts: Partial<DecisionFacts> = {}): Decision {
  const command = { type: 'MakePayment' as const, data: MakePayment.parse(payment) }
  return decide(command, viewOf(accounts), {
    tenant: 'main',
    subject: 'customer:ada',
    mayBook: false,
    decidedAt: '2026-03-01T09:30:00.000Z',
    paymentId: paymentIdAt(0, 7),
    generation: EVENT_GENERATION,
    ...facts,
  })
}

export function codeOf(decision: Decision): string | undefined {
  return decision.kind === 'rejected' ? decision.code : undefined
}

/** What was posted; undefined of a refusal. */
export function posted(decision: Decision): EventOf<'PaymentPosted'>['data'] | undefined {
  const [event] = decision.kind === 'accepted' ? decision.events : []
  return event?.type === 'PaymentPosted' ? event.data : undefined
}
