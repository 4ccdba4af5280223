import type { Account, Entry } from '@micropay/schemas/account'
import { type Payee, payeeKey } from '@micropay/schemas/payee'
import type { AccountChoice } from '../../components/account-picker.tsx'

/** Whom one is likely to pay: saved payees, one's other accounts in the same currency, then those paid or heard from, latest first. */
export function receiversFrom(
  entries: readonly Entry[],
  own: readonly Account[],
  payer: Account | undefined,
  payees: readonly Payee[] = [],
): AccountChoice[] {
  const choices = new Map<string, AccountChoice>()
  for (const { alias, accountId } of payees) {
    if (accountId !== payer?.accountId) choices.set(accountId, { accountId, name: alias, note: 'Saved' })
  }
  for (const { accountId, name, currency } of own) {
    if (accountId !== payer?.accountId && currency === payer?.currency && !choices.has(accountId)) {
      choices.set(accountId, { accountId, name, note: 'Yours' })
    }
  }
  for (const { counterparty, counterpartyName, kind } of entries) {
    if (kind === 'payment' && !choices.has(counterparty)) {
      choices.set(counterparty, { accountId: counterparty, name: counterpartyName })
    }
  }
  return [...choices.values()]
}

/** The account that was typed: a saved payee by its whole name, or else the id as it stands. */
export function receiverOf(typed: string, payees: readonly Payee[]): string {
  const wanted = payeeKey(typed.trim())
  return payees.find(({ alias }) => payeeKey(alias) === wanted)?.accountId ?? typed.trim()
}
