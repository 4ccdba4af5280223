import { EntryPage } from '@micropay/schemas/api/account'
import { infiniteQueryOptions } from '@tanstack/react-query'
import type { Client } from '../../api/client.ts'
import { pathWith } from '../../api/path.ts'
import { type SearchFilter, searchParameters } from '../search/search-filter.ts'

export function entriesKey(accountId: string) {
  return ['entries', accountId] as const
}

function pathOf(accountId: string, end: 'entries' | 'entries.csv'): string {
  return `/v1/accounts/${encodeURIComponent(accountId)}/${end}`
}

/** An account's statement, newest first. */
export function entriesQuery(client: Client, accountId: string, filter: SearchFilter = {}) {
  return infiniteQueryOptions({
    queryKey: [...entriesKey(accountId), filter] as const,
    queryFn: ({ pageParam, signal }) => {
      const parameters = { ...searchParameters(filter), limit: 50, cursor: pageParam }
      return client.read(pathWith(pathOf(accountId, 'entries'), parameters), EntryPage, signal)
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.value.next ?? undefined,
  })
}

/** The file of the same search. */
export function entriesCsvPath(accountId: string, filter: SearchFilter): string {
  return pathWith(pathOf(accountId, 'entries.csv'), searchParameters(filter))
}
