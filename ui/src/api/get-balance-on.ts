import { BalanceOn } from '@micropay/schemas/balance'
import { queryOptions } from '@tanstack/react-query'
import type { Client } from './client.ts'
import { entriesKey } from './list-entries.ts'
import { pathWith } from './path.ts'
import { ownZone } from './search.ts'

/** What an account held when a day ended: in the reader's time zone, or the one that they report by. */
export function balanceOnQuery(client: Client, accountId: string, at: string, zone = ownZone) {
  const path = pathWith(`/v1/accounts/${encodeURIComponent(accountId)}/balance`, { at, zone })
  return queryOptions({
    queryKey: [...entriesKey(accountId), 'balance', at, zone] as const,
    queryFn: ({ signal }) => client.read(path, BalanceOn, signal),
  })
}
