import type { Account } from '@micropay/schemas/api/account'
import { nothingFilledIn, type PaymentDraft } from '../payment-draft.ts'

type Prefilled = { readonly from?: string | undefined; readonly to?: string | undefined }
type Payable = { readonly accountId: string }

/**
 * From the account that the address names; without one, from the first. Where the one that is named is not among those
 * that can pay, from none: no money is to leave an account that nobody chose.
 */
export function firstDraft(accounts: readonly Payable[], { from, to = '' }: Prefilled): PaymentDraft {
  const payer = from === undefined ? accounts[0] : accounts.find(({ accountId }) => accountId === from)
  return { from: payer?.accountId ?? '', to, ...nothingFilledIn }
}

/** Why an account that the address names cannot pay; `account` is undefined where this person may not see it. */
export function whyNotFrom(
  account: Pick<Account, 'status' | 'frozen' | 'owner'> | undefined,
  subject: string,
): string | undefined {
  if (account?.owner !== subject) return 'It is not an account of yours.'
  if (account.status === 'closed') return 'It is closed.'
  if (account.status === 'open') return undefined
  return account.frozen === 'outgoing'
    ? 'It is frozen for what leaves it, until an operator lifts the freeze. Money can still reach it.'
    : 'It is frozen, until an operator lifts the freeze.'
}
