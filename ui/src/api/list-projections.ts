import { ProjectionStatusList } from '@micropay/schemas/projection'
import { queryOptions } from '@tanstack/react-query'
import { z } from 'zod'
import type { Client } from './client.ts'
import { sortKey } from './sort-key.ts'

/** Which read models are listed, and how they and the workers (`workers`) are sorted; it lives in the URL. */
export const ProjectionSearch = z.object({
  service: z.string().min(1).max(64).optional().catch(undefined),
  state: z.enum(['live', 'building', 'retired']).optional().catch(undefined),
  sort: sortKey,
  workers: sortKey,
})
export type ProjectionSearch = z.infer<typeof ProjectionSearch>

export const projectionsKey = ['projections'] as const

/** Where every projection stands, asked again each second while somebody looks. */
export function projectionsQuery(client: Client) {
  return queryOptions({
    queryKey: projectionsKey,
    queryFn: ({ signal }) => client.read('/v1/projections', ProjectionStatusList, signal),
    refetchInterval: 1000,
  })
}
