import { EntryPage } from '@micropay/schemas/account'
import { infiniteQueryOptions } from '@tanstack/react-query'
import type { Client } from './client.ts'
import { pathWith } from './path.ts'

export function entriesKey(accountId: string) {
  return ['entries', accountId] as const
}

/** An account's statement, newest first. */
export function entriesQuery(client: Client, accountId: string) {
  const path = `/v1/accounts/${encodeURIComponent(accountId)}/entries`
  return infiniteQueryOptions({
    queryKey: entriesKey(accountId),
    queryFn: ({ pageParam, signal }) =>
      client.read(pathWith(path, { limit: 50, cursor: pageParam }), EntryPage, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.value.next ?? undefined,
  })
}
