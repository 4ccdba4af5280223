import type { Account, ChangeAccount } from '@micropay/schemas/api/account'
import { readPlace } from '../../../data/accounts/read-place.ts'
import { readLimit, typedAmount } from '../../../money/read-amount.ts'

/** The form as it stands; `limit` is what was typed, in major units. */
export type AccountDetails = {
  readonly name: string
  readonly reference: string
  readonly place: string
  readonly overdraft: 'limited' | 'unlimited'
  readonly limit: string
}

export type AccountDetailsErrors = Partial<Record<'place' | 'limit' | 'form', string>>

type Read =
  | { readonly kind: 'ready'; readonly details: ChangeAccount }
  | { readonly kind: 'incomplete'; readonly errors: AccountDetailsErrors }

/** What an account has now, as one would type it. */
export function detailsOf(account: Account, locale?: string): AccountDetails {
  const { name, ownerReference, path, overdraftLimit, currency } = account
  const isLimited = overdraftLimit !== 'unlimited'
  return {
    ...{ name: name ?? '', reference: ownerReference ?? '', place: path ?? '' },
    overdraft: isLimited ? 'limited' : 'unlimited',
    limit: isLimited ? typedAmount(BigInt(overdraftLimit), currency, locale) : '',
  }
}

/** The change that the form asks for: what differs from the account, alone; or what is wrong with it. */
export function readDetails(draft: AccountDetails, account: Account, locale?: string): Read {
  const place = readPlace(draft.place)
  const limit = draft.overdraft === 'limited' ? readLimit(draft.limit, account.currency, locale) : undefined
  const errors: AccountDetailsErrors = {
    ...(place.why === undefined ? {} : { place: place.why }),
    ...(limit?.kind === 'empty' ? { limit: 'Type how far below zero it may go.' } : {}),
    ...(limit?.kind === 'wrong' ? { limit: limit.why } : {}),
  }
  if (Object.keys(errors).length > 0) return { kind: 'incomplete', errors }
  const overdraftLimit = limit?.kind === 'amount' ? limit.minor.toString() : 'unlimited'
  const details: ChangeAccount = {
    ...differing('name', draft.name.trim() || null, account.name),
    ...differing('ownerReference', draft.reference.trim() || null, account.ownerReference),
    ...differing('overdraftLimit', overdraftLimit, account.overdraftLimit),
    ...differing('path', place.path ?? null, account.path),
  }
  const isSame = Object.keys(details).length === 0
  return isSame ? { kind: 'incomplete', errors: { form: 'Nothing is changed yet.' } } : { kind: 'ready', details }
}

function differing<Name extends string, Value>(name: Name, wanted: Value, present: Value) {
  return wanted === present ? {} : { [name]: wanted }
}
