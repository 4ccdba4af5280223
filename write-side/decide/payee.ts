import assert from 'node:assert/strict'
import { MAX_PAYEES, type PayeeDecided, payeeKey } from '@micropay/schemas/api/payee'
import type { AccountId, OwnerId } from '@micropay/schemas/identifiers'
import { visibleAccount } from './account.ts'
import {
  accepted,
  asItIs,
  type CommandRule,
  type Decision,
  type DecisionFacts,
  type Folds,
  type LedgerView,
  put,
  rejected,
  stateTable,
} from './ledger.ts'
import { refusedPayee } from './payable.ts'

/** An account that somebody saved under a name of their own. */
export type SavedPayee = { readonly alias: string; readonly accountId: AccountId }

type PayeesKey = { readonly tenant: string; readonly owner: string }

/** What one person has saved, in the order in which it was saved. No tenant holds a line break. */
export const payees = stateTable(
  'payees',
  ({ tenant, owner }: PayeesKey) => `${tenant}\n${owner}`,
  asItIs<readonly SavedPayee[]>(),
)
export const payeeTables = [payees]

type Saving = SavedPayee & { readonly owner: OwnerId }
type Removing = { readonly owner: OwnerId; readonly alias: string }

/**
 * A payee is about the person who saves it, so that one order holds for all of that person's names. (The account that
 * is saved must be on the same partition to be seen.)
 */
export const payeeCommands = {
  SavePayee: {
    place: ({ owner }) => owner,
    decide: decideSavePayee,
    answer: ({ alias }, { decidedAt }) => ({ alias, status: 'saved', decidedAt }),
  } satisfies CommandRule<Saving, object, PayeeDecided>,
  RemovePayee: {
    place: ({ owner }) => owner,
    decide: decideRemovePayee,
    answer: ({ alias }, { decidedAt }) => ({ alias, status: 'removed', decidedAt }),
  } satisfies CommandRule<Removing, object, PayeeDecided>,
}

export const payeeEvents: Folds<'PayeeSaved' | 'PayeeRemoved'> = {
  PayeeSaved({ owner, alias, accountId }, ledger, { tenant }) {
    const saved = savedBy(ledger, tenant, owner)
    assert(!findPayee(saved, alias), `the payee ${alias} was saved twice`)
    return [put(payees, { tenant, owner }, [...saved, { alias, accountId }])]
  },
  PayeeRemoved({ owner, alias }, ledger, { tenant }) {
    const saved = savedBy(ledger, tenant, owner)
    const known = findPayee(saved, alias)
    assert(known, `the payee ${alias} was never saved`)
    const left = saved.filter((payee) => payee !== known)
    return [put(payees, { tenant, owner }, left)]
  },
}

/**
 * Saves an account under a name that its owner has not used yet. The name says nothing about the account, and grants
 * nothing.
 */
function decideSavePayee({ owner, alias, accountId }: Saving, ledger: LedgerView, facts: DecisionFacts): Decision {
  const account = visibleAccount(ledger, accountId, facts)
  const refusal = refusedPayee({ accountId, account, pointer: '/accountId' }, facts)
  if (refusal) return refusal
  if (!account) return rejected('account_not_found', `there is no account ${accountId}`, '/accountId')
  if (account.status === 'closed') return rejected('account_closed', `${accountId} is closed for good`, '/accountId')
  const saved = savedBy(ledger, facts.tenant, owner)
  const taken = findPayee(saved, alias)
  if (taken) {
    return rejected('payee_exists', `${taken.alias} stands for ${taken.accountId}: remove it first`, '/alias')
  }
  if (saved.length >= MAX_PAYEES) {
    return rejected('too_many_payees', `you have ${MAX_PAYEES} payees, which is the most: remove one first`)
  }
  return accepted({ type: 'PayeeSaved', version: 1, data: { owner, alias, accountId } })
}

function decideRemovePayee({ owner, alias }: Removing, ledger: LedgerView, facts: DecisionFacts): Decision {
  const payee = findPayee(savedBy(ledger, facts.tenant, owner), alias)
  if (!payee) return rejected('payee_not_found', `you have no payee ${alias}`)
  return accepted({ type: 'PayeeRemoved', version: 1, data: { owner, ...payee } })
}

function savedBy(ledger: LedgerView, tenant: string, owner: string): readonly SavedPayee[] {
  return ledger.read(payees, { tenant, owner }) ?? []
}

function findPayee(payees: readonly SavedPayee[], alias: string): SavedPayee | undefined {
  return payees.find((payee) => payeeKey(payee.alias) === payeeKey(alias))
}
