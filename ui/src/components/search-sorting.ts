import { SearchFilter, type SearchSort, sortOf } from '../data/search/search-filter.ts'
import type { Sorting } from './table.tsx'

/** How the headings of a search's list sort it: on the server, over all that the search finds. */
export function searchSorting(filter: SearchFilter, onSort: (sort: SearchSort | undefined) => unknown): Sorting {
  const { from, to } = filter
  return {
    by: sortOf(filter),
    usual: sortOf({ from, to }),
    onSort: (sort) => onSort(SearchFilter.shape.sort.parse(sort)),
  }
}
