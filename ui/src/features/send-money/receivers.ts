import type { Account, Entry } from '@micropay/schemas/account'
import type { AccountChoice } from '../../components/account-picker.tsx'

/** Whom one is likely to pay: one's other accounts in the same currency, then those paid or heard from, latest first. */
export function receiversFrom(
  entries: readonly Entry[],
  own: readonly Account[],
  payer: Account | undefined,
): AccountChoice[] {
  const choices = new Map<string, AccountChoice>()
  for (const { accountId, name, currency } of own) {
    if (accountId !== payer?.accountId && currency === payer?.currency) {
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
