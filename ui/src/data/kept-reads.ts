import type { QueryCache } from '@tanstack/react-query'
import { type Freshness, oldest, type Reading, seenAt } from '../api/freshness.ts'

/** A service that is away is asked again so often for what is shown of before. */
export const ASK_AGAIN_MS = 5_000

/** Of what is shown somewhere, since when the oldest part is kept, as its service is away; undefined for none. */
export function keptSince(cache: QueryCache): number | undefined {
  const shown = cache.findAll({ type: 'active' }).flatMap(({ state }) => keptIn(state.data))
  const first = oldest(shown)
  return first && seenAt(first)
}

/** What of a query's data was kept: an answer's, or those of its pages. */
export function keptIn(data: unknown): readonly Freshness[] {
  if (isReading(data)) return data.freshness.isKept ? [data.freshness] : []
  if (typeof data !== 'object' || data === null || !('pages' in data) || !Array.isArray(data.pages)) return []
  return data.pages.flatMap(keptIn)
}

function isReading(data: unknown): data is Reading<unknown> {
  return typeof data === 'object' && data !== null && 'freshness' in data && Boolean(data.freshness)
}
