import { BalanceOn } from '@micropay/schemas/balance'
import { queryOptions } from '@tanstack/react-query'
import type { Client } from './client.ts'
import { entriesKey } from './list-entries.ts'
import { pathWith } from './path.ts'
import { zone } from './search.ts'

/** What an account held when a day ended, in the reader's time zone. */
export function balanceOnQuery(client: Client, accountId: string, at: string) {
  const path = pathWith(`/v1/accounts/${encodeURIComponent(accountId)}/balance`, { at, zone })
  return queryOptions({
    queryKey: [...entriesKey(accountId), 'balance', at] as const,
    queryFn: ({ signal }) => client.read(path, BalanceOn, signal),
  })
}
