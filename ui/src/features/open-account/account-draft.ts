import type { AccountType } from '@micropay/schemas/account-type'
import type { OpenAccountRequest } from '../../data/accounts/open-account.ts'
import { readPlace } from '../../data/accounts/read-place.ts'
import { readLimit } from '../../money/read-amount.ts'

/** The form as it stands; `limit` is what was typed, in major units. */
export type AccountDraft = {
  readonly type: AccountType
  readonly owner: string
  readonly name: string
  /** What its owner calls it. */
  readonly reference: string
  /** The day since when it is held elsewhere; empty: it begins here. */
  readonly openedOn: string
  readonly accountId: string
  readonly currency: string
  /** The place in the chart of accounts; empty: the usual one of the type and the currency. */
  readonly path: string
  readonly overdraft: 'default' | 'limited' | 'unlimited'
  readonly limit: string
}

export type AccountDraftErrors = Partial<Record<'owner' | 'path' | 'limit', string>>

type Read =
  | { readonly kind: 'ready'; readonly request: OpenAccountRequest }
  | { readonly kind: 'incomplete'; readonly errors: AccountDraftErrors }

/** The request that the draft asks for, or what is missing. */
export function readAccountDraft(draft: AccountDraft, locale?: string): Read {
  const owner = draft.owner.trim()
  const limit = draft.overdraft === 'limited' ? readLimit(draft.limit, draft.currency, locale) : undefined
  const place = readPlace(draft.path)
  const errors: AccountDraftErrors = {
    ...(owner === '' ? { owner: 'Say whose account it is.' } : {}),
    ...(place.why === undefined ? {} : { path: place.why }),
    ...(limit?.kind === 'empty' ? { limit: 'Type how far below zero it may go.' } : {}),
    ...(limit?.kind === 'wrong' ? { limit: limit.why } : {}),
  }
  if (Object.keys(errors).length > 0) return { kind: 'incomplete', errors }
  const name = draft.name.trim()
  const accountId = draft.accountId.trim()
  const ownerReference = draft.reference.trim()
  return {
    kind: 'ready',
    request: {
      type: draft.type,
      currency: draft.currency,
      owner,
      ...(name ? { name } : {}),
      ...(accountId ? { accountId } : {}),
      ...(ownerReference ? { ownerReference } : {}),
      ...(draft.openedOn ? { openedOn: draft.openedOn } : {}),
      ...(place.path === undefined ? {} : { path: place.path }),
      ...(limit?.kind === 'amount' ? { overdraftLimit: limit.minor.toString() } : {}),
      ...(draft.overdraft === 'unlimited' ? { overdraftLimit: 'unlimited' } : {}),
    },
  }
}
