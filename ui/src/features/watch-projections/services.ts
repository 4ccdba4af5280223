import type { ProjectionStatus } from '@micropay/schemas/projection'
import type { Freshness } from '../../api/freshness.ts'

/** The services that have projections, each once, by name. */
export function listServices(statuses: readonly { readonly service: string }[]): string[] {
  return [...new Set(statuses.map((status) => status.service))].sort()
}

/** What the live read models reflect, by the one that is furthest behind; the answer itself has no position. */
export function reflectedBy(statuses: readonly ProjectionStatus[], freshness: Freshness): Freshness {
  const live = statuses.filter((status) => status.state === 'live')
  if (live.length === 0) return { ...freshness, position: null, ageSeconds: null }
  return {
    ...freshness,
    position: [...new Set(live.map((status) => status.position))].join(','),
    ageSeconds: Math.max(...live.map((status) => status.lagSeconds)),
  }
}
