import type { AccountId } from '@micropay/schemas/identifiers'
import { broughtRule } from '@micropay/schemas/log/generations'
import { notPayableWords, type RefusalCause } from '@micropay/schemas/log/rejection'
import { stoppedWords, stops } from './account.ts'
import type { AccountState } from './account-state.ts'
import { type Decision, type DecisionFacts, rejected } from './ledger.ts'

/**
 * Whether the giver of a command hears of other people's accounts only that they cannot be paid: customers do, from
 * the generation on that brought the rule.
 */
export function hidesCauses({ mayBook, generation }: DecisionFacts): boolean {
  return !mayBook && generation >= broughtRule('payee_not_payable')
}

type Payee = {
  readonly accountId: AccountId
  /** Undefined where there is none that the caller's tenant has. */
  readonly account: AccountState | undefined
  /** What it would be paid in, once that is known. */
  readonly currency?: string
  readonly pointer: string | undefined
}

/**
 * One answer for all that a customer cannot pay, so that nobody learns from it what others have; the cause stands in
 * the log. Undefined of what can be paid, and of the caller's own accounts, whose causes are told.
 */
export function refusedPayee(payee: Payee, facts: DecisionFacts): Decision | undefined {
  const { account, accountId, pointer } = payee
  if (!hidesCauses(facts) || account?.owner === facts.subject) return undefined
  const cause = causeAgainst(payee)
  return cause && notPayable(accountId, pointer, cause)
}

export function notPayable(accountId: AccountId, pointer: string | undefined, cause: RefusalCause): Decision {
  return rejected('payee_not_payable', notPayableWords(accountId), pointer, cause)
}

function causeAgainst({ account, accountId, currency }: Payee): RefusalCause | undefined {
  if (!account) return { code: 'account_not_found', detail: `there is no account ${accountId}` }
  if (stops(account, false)) return { code: `account_${account.status}`, detail: stoppedWords(account) }
  if (account.type !== 'customer' && !account.receivesFromCustomers) {
    return { code: 'account_of_house', detail: `${accountId} is of the house, and takes nothing from customers` }
  }
  if (currency !== undefined && account.currency !== currency) {
    return { code: 'currency_mismatch', detail: `${accountId} holds ${account.currency}, not ${currency}` }
  }
  return undefined
}
