import { Traffic } from '@micropay/schemas/api/traffic'
import { WorkerStatusList } from '@micropay/schemas/api/worker'
import { queryOptions } from '@tanstack/react-query'
import type { Client } from '../../api/client.ts'

/** How the command workers stand, asked again each second while somebody looks. */
export function workersQuery(client: Client) {
  return queryOptions({
    queryKey: ['workers'],
    queryFn: ({ signal }) => client.read('/v1/workers', WorkerStatusList, signal),
    refetchInterval: 1000,
    retry: false,
  })
}

/** What the gateway sends to each service, asked again each second while somebody looks. */
export function trafficQuery(client: Client) {
  return queryOptions({
    queryKey: ['traffic'],
    queryFn: ({ signal }) => client.read('/v1/traffic', Traffic, signal),
    refetchInterval: 1000,
    retry: false,
  })
}
