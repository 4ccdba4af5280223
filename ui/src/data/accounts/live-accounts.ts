import { Account, type AccountPage } from '@micropay/schemas/api/account'
import type { InfiniteData, QueryClient } from '@tanstack/react-query'
import { advanced, isNewer, type Reading } from '../../api/freshness.ts'
import { paymentListsKey } from '../payments/list-payments.ts'
import { accountKey } from './get-account.ts'
import { accountListsKey } from './list-accounts.ts'
import { entriesKey } from './list-entries.ts'

export type LiveState = 'connecting' | 'live' | 'lost'

type AccountList = InfiniteData<Reading<AccountPage>, string | undefined>

/** Reads one event's data; undefined when it is not an account. */
export function accountOfEvent(data: string): Account | undefined {
  try {
    return Account.safeParse(JSON.parse(data)).data
  } catch {
    return undefined
  }
}

/**
 * Writes changed accounts into every cached answer that shows them; an older change than the cached one is left out.
 */
export function showAccounts(cache: QueryClient, accounts: readonly Account[], nowMs: number): void {
  for (const account of accounts) {
    cache.setQueryData<Reading<Account>>(accountKey(account.accountId), (before) =>
      updatedReading(before, account, nowMs),
    )
  }
  cache.setQueriesData<AccountList>(
    { queryKey: accountListsKey },
    (before) => before && updatedList(before, accounts, nowMs),
  )
}

/**
 * What those changes made out of date and cannot be written in place: statements, payments, and lists that lack the
 * account.
 */
export function refreshAround(cache: QueryClient, accounts: readonly Account[]): void {
  for (const { accountId } of accounts) void cache.invalidateQueries({ queryKey: entriesKey(accountId) })
  void cache.invalidateQueries({ queryKey: paymentListsKey })
  const ids = accounts.map((account) => account.accountId)
  for (const [queryKey, list] of cache.getQueriesData<AccountList>({ queryKey: accountListsKey })) {
    const shown = new Set(list?.pages.flatMap((page) => page.value.items.map((item) => item.accountId)))
    if (ids.some((id) => !shown.has(id))) void cache.invalidateQueries({ queryKey, exact: true })
  }
}

function updatedReading(before: Reading<Account> | undefined, account: Account, nowMs: number) {
  if (!before || !isNewer(account.position, before.value.position)) return before
  return { value: account, freshness: advanced(before.freshness, account.position, nowMs) }
}

function updatedList(list: AccountList, accounts: readonly Account[], nowMs: number): AccountList {
  const changed = new Map(accounts.map((account) => [account.accountId, account]))
  const pages = list.pages.map((page) => {
    let touched = page
    const items = page.value.items.map((item) => {
      const account = changed.get(item.accountId)
      if (!account || !isNewer(account.position, item.position)) return item
      touched = { ...touched, freshness: advanced(touched.freshness, account.position, nowMs) }
      return account
    })
    return touched === page ? page : { ...touched, value: { ...page.value, items } }
  })
  return pages.some((page, index) => page !== list.pages[index]) ? { ...list, pages } : list
}
