import { History } from '@micropay/schemas/api/history'
import { queryOptions } from '@tanstack/react-query'
import type { Client } from '../../api/client.ts'

/** What the gateway has seen within the last hour, asked again as often as it looks. */
export function historyQuery(client: Client) {
  return queryOptions({
    queryKey: ['history'],
    queryFn: ({ signal }) => client.read('/v1/history', History, signal),
    refetchInterval: 10_000,
    retry: false,
  })
}
