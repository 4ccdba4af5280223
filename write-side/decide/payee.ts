import assert from 'node:assert/strict'
import { MAX_PAYEES, payeeKey } from '@micropay/schemas/api/payee'
import type { LedgerEvent, PayeeFact } from '@micropay/schemas/log/event'
import {
  accepted,
  type CommandOf,
  type Decision,
  type DecisionFacts,
  type LedgerView,
  rejected,
  type SavedPayee,
  visibleAccount,
} from './ledger.ts'

/** Saves an account under a name that its owner has not used yet. The name says nothing about the account, and grants nothing. */
export function decideSavePayee({ data }: CommandOf<'SavePayee'>, ledger: LedgerView, facts: DecisionFacts): Decision {
  const { owner, alias, accountId } = data
  const account = visibleAccount(ledger, accountId, facts)
  if (!account) return rejected('account_not_found', `there is no account ${accountId}`, '/accountId')
  if (account.status === 'closed') return rejected('account_closed', `${accountId} is closed for good`, '/accountId')
  const payees = ledger.payees(facts.tenant, owner)
  const taken = findPayee(payees, alias)
  if (taken) {
    return rejected('payee_exists', `${taken.alias} stands for ${taken.accountId}: remove it first`, '/alias')
  }
  if (payees.length >= MAX_PAYEES) {
    return rejected('too_many_payees', `you have ${MAX_PAYEES} payees, which is the most: remove one first`)
  }
  return accepted({ type: 'PayeeSaved', version: 1, data: { owner, alias, accountId } })
}

export function decideRemovePayee(
  { data }: CommandOf<'RemovePayee'>,
  ledger: LedgerView,
  facts: DecisionFacts,
): Decision {
  const payee = findPayee(ledger.payees(facts.tenant, data.owner), data.alias)
  if (!payee) return rejected('payee_not_found', `you have no payee ${data.alias}`)
  return accepted({ type: 'PayeeRemoved', version: 1, data: { owner: data.owner, ...payee } })
}

/** Whose payees an event changes; undefined for all other events. */
export function payeeFactOf(event: LedgerEvent): PayeeFact | undefined {
  return event.type === 'PayeeSaved' || event.type === 'PayeeRemoved' ? event.data : undefined
}

/** Somebody's payees after one event about them. Pure; a fact that does not fit is a bug and stops. */
export function evolvePayees(event: LedgerEvent, payees: readonly SavedPayee[]): readonly SavedPayee[] {
  const fact = payeeFactOf(event)
  if (!fact) return payees
  const { alias, accountId } = fact
  const known = findPayee(payees, alias)
  if (event.type === 'PayeeSaved') {
    assert(!known, `the payee ${alias} was saved twice`)
    return [...payees, { alias, accountId }]
  }
  assert(known, `the payee ${alias} was never saved`)
  return payees.filter((payee) => payee !== known)
}

function findPayee(payees: readonly SavedPayee[], alias: string): SavedPayee | undefined {
  return payees.find((payee) => payeeKey(payee.alias) === payeeKey(alias))
}
