import type { Account, Entry } from '@micropay/schemas/api/account'
import { type Payee, payeeKey } from '@micropay/schemas/api/payee'
import { AccountId } from '@micropay/schemas/identifiers'
import type { AccountChoice } from '../../../components/account-picker.tsx'
import type { Receiver } from '../payment-draft.ts'

/**
 * `byName`: money may go there by the name alone. Whoever one only had money from may share a name with somebody one
 * means.
 */
export type ReceiverChoice = AccountChoice & { readonly byName: boolean }

/**
 * Whom one is likely to pay: saved payees, one's other accounts in the same currency, then those paid or heard from,
 * latest first.
 */
export function receiversFrom(
  entries: readonly Entry[],
  own: readonly Account[],
  payer: Account | undefined,
  payees: readonly Payee[] = [],
): ReceiverChoice[] {
  const choices = new Map<string, ReceiverChoice>()
  for (const { alias, accountId } of payees) {
    if (accountId !== payer?.accountId) choices.set(accountId, { accountId, name: alias, note: 'Saved', byName: true })
  }
  for (const { accountId, name, currency } of own) {
    if (accountId !== payer?.accountId && currency === payer?.currency && !choices.has(accountId)) {
      choices.set(accountId, { accountId, name, note: 'Yours', byName: true })
    }
  }
  const paid = new Set(entries.filter(({ amount }) => BigInt(amount) < 0n).map(({ counterparty }) => counterparty))
  for (const { counterparty, counterpartyName, kind } of entries) {
    if (kind === 'payment' && counterparty !== null && !choices.has(counterparty)) {
      choices.set(counterparty, {
        accountId: counterparty,
        name: counterpartyName,
        byName: paid.has(counterparty),
      })
    }
  }
  return [...choices.values()]
}

/**
 * The account that was typed: a saved payee or somebody paid before, by the whole name, or else an account id as it
 * stands. A name that nobody or more than one has is told, since money would go astray.
 */
export function receiverOf(typed: string, choices: readonly ReceiverChoice[], payees: readonly Payee[]): Receiver {
  const wanted = payeeKey(typed.trim())
  const saved = payees.find(({ alias }) => payeeKey(alias) === wanted)
  if (saved) return { kind: 'account', accountId: saved.accountId }
  const id = AccountId.safeParse(typed.trim()).data
  if (id && choices.some(({ accountId }) => accountId === id)) return { kind: 'account', accountId: id }
  const named = choices.filter(({ name, byName }) => byName && name && payeeKey(name) === wanted)
  if (named.length > 1)
    return { kind: 'unclear', why: `Several accounts are called ${typed.trim()}: choose one of them.` }
  if (named[0]) return { kind: 'account', accountId: named[0].accountId }
  if (id) return { kind: 'account', accountId: id }
  const unknown = `You have neither saved nor paid anybody called ${typed.trim()}`
  const why = `${unknown}: type the id of the account, such as bob:main.`
  return { kind: 'unclear', why }
}
