import { z } from 'zod'
import { sortKey } from '../search/sort-key.ts'

/** Which read models are listed, and how they and the workers (`workers`) are sorted; it lives in the URL. */
export const ProjectionSearch = z.object({
  service: z.string().min(1).max(64).optional().catch(undefined),
  state: z.enum(['live', 'building', 'retired']).optional().catch(undefined),
  sort: sortKey,
  workers: sortKey,
})
export type ProjectionSearch = z.infer<typeof ProjectionSearch>
