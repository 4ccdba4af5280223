import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { type AccountFilter, accountsQuery } from '../data/accounts/list-accounts.ts'
import { useServices } from '../services/app-context.ts'

/** All accounts that stand for the world outside, page after page, since one is chosen among all of them. */
export function useExternalAccounts(filter: Pick<AccountFilter, 'status'> = {}) {
  const { client } = useServices()
  const query = useInfiniteQuery(accountsQuery(client, { type: 'external', ...filter }, 200))
  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = query
  const incomplete = hasNextPage && !isFetching && !isFetchNextPageError
  useEffect(() => {
    // Two lists of one page look at the same query: neither ends what the other asked for.
    if (incomplete) void fetchNextPage({ cancelRefetch: false })
  }, [incomplete, fetchNextPage])
  return { query, accounts: query.data?.pages.flatMap((page) => page.value.items) ?? [] }
}
