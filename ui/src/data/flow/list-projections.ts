import { ProjectionStatusList } from '@micropay/schemas/api/projection'
import { queryOptions } from '@tanstack/react-query'
import type { Client } from '../../api/client.ts'

export const projectionsKey = ['projections'] as const

/** Where every projection stands, asked again each second while somebody looks. */
export function projectionsQuery(client: Client) {
  return queryOptions({
    queryKey: projectionsKey,
    queryFn: ({ signal }) => client.read('/v1/projections', ProjectionStatusList, signal),
    refetchInterval: 1000,
  })
}
