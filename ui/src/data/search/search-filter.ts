import { z } from 'zod'
import { askedDay } from '../../time/days.ts'
import { ownZone, reportingZone } from '../../time/reporting-zone.ts'

const word = z.string().min(1).max(100).optional().catch(undefined)
const minor = z
  .string()
  .regex(/^[1-9][0-9]{0,15}$/)
  .optional()
  .catch(undefined)

/**
 * What payments and entries can be searched by; it lives in the URL of the page that lists them. Amounts are minor
 * units.
 */
export const SearchFilter = z.object({
  text: word,
  counterparty: word,
  from: askedDay,
  to: askedDay,
  minAmount: minor,
  maxAmount: minor,
  direction: z.enum(['in', 'out']).optional().catch(undefined),
  sort: z.enum(['-decided', 'decided', '-value', 'value']).optional().catch(undefined),
  /** Whose days `from` and `to` are; without one, the reader's own. */
  zone: reportingZone,
})
export type SearchFilter = z.infer<typeof SearchFilter>

export type SearchSort = NonNullable<SearchFilter['sort']>

/** How a search is sorted: newest decided first, and by value date as soon as it asks for days. */
export function sortOf({ from, to, sort = '-decided' }: Pick<SearchFilter, 'from' | 'to' | 'sort'>): SearchSort {
  if (!from && !to) return sort
  return sort === 'decided' || sort === 'value' ? 'value' : '-value'
}

/** Whether a list is narrowed; how it is sorted, and whose days it counts by, hides nothing. */
export function isNarrowed({ sort: _sort, zone: _zone, ...filter }: SearchFilter): boolean {
  return Object.values(filter).some(Boolean)
}

/** The query of a search; days need to know where they are days. */
export function searchParameters<Filter extends SearchFilter>(
  filter: Filter,
): Omit<Filter, 'zone'> & { zone?: string } {
  const { zone = ownZone, ...rest } = filter
  const sorted = filter.sort === undefined ? rest : { ...rest, sort: sortOf(filter) }
  return filter.from || filter.to ? { ...sorted, zone } : sorted
}
