import { BalanceOn } from '@micropay/schemas/api/balance'
import { queryOptions } from '@tanstack/react-query'
import type { Client } from '../../api/client.ts'
import { pathWith } from '../../api/path.ts'
import { ownZone } from '../../time/reporting-zone.ts'
import { entriesKey } from './list-entries.ts'

/** What an account held when a day ended: in the reader's time zone, or the one that they report by. */
export function balanceOnQuery(client: Client, accountId: string, at: string, zone = ownZone) {
  const path = pathWith(`/v1/accounts/${encodeURIComponent(accountId)}/balance`, { at, zone })
  return queryOptions({
    queryKey: [...entriesKey(accountId), 'balance', at, zone] as const,
    queryFn: ({ signal }) => client.read(path, BalanceOn, signal),
  })
}
