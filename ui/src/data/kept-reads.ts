import type { QueryCache } from '@tanstack/react-query'
import { type Freshness, oldest, type Reading, seenAt } from '../api/freshness.ts'

/** A service that is away is asked again so often for what is shown of before. */
export const ASK_AGAIN_MS = 5_000

/** So far behind is no read model that follows: what has been paid since is not in what it says. */
const BEHIND_SECONDS = 10

/**
 * Of what is shown somewhere, since when the oldest part is of earlier, and whether its service does not answer or only
 * has not heard of what came since; undefined for none.
 */
export function earlierSince(cache: QueryCache): { readonly sinceMs: number; readonly isKept: boolean } | undefined {
  const shown = cache.findAll({ type: 'active' }).flatMap(({ state }) => earlierIn(state.data))
  const first = oldest(shown)
  return first && { sinceMs: seenAt(first), isKept: first.isKept === true }
}

/** What of a query's data is of earlier: an answer's, or those of its pages. */
export function earlierIn(data: unknown): readonly Freshness[] {
  if (isReading(data)) return isOfEarlier(data.freshness) ? [data.freshness] : []
  if (typeof data !== 'object' || data === null || !('pages' in data) || !Array.isArray(data.pages)) return []
  return data.pages.flatMap(earlierIn)
}

function isOfEarlier({ isKept, ageSeconds }: Freshness): boolean {
  return isKept === true || (ageSeconds ?? 0) >= BEHIND_SECONDS
}

function isReading(data: unknown): data is Reading<unknown> {
  return typeof data === 'object' && data !== null && 'freshness' in data && Boolean(data.freshness)
}
