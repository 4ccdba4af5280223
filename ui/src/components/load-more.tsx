import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect } from 'react'
import { pagesInUrl } from '../data/search/page-search.ts'
import { Button } from './button.tsx'

type SortedAmongProps = {
  readonly query: { readonly hasNextPage: boolean }
  readonly sort: string | undefined
  readonly shown: number
}

/**
 * A list that is sorted here and not here as a whole says so: the largest of what is loaded need not be the largest of
 * all.
 */
export function SortedAmong({ query, sort, shown }: SortedAmongProps) {
  if (sort === undefined || !query.hasNextPage) return null
  return <p className="font-medium text-warn">Sorted among the {shown} loaded, and there are more: load them below.</p>
}

export type LoadMoreProps = {
  readonly query: {
    readonly data: { readonly pages: readonly unknown[] } | undefined
    readonly isFetching: boolean
    readonly hasNextPage: boolean
    readonly isFetchingNextPage: boolean
    readonly isFetchNextPageError: boolean
    readonly fetchNextPage: (options?: { readonly cancelRefetch: boolean }) => unknown
  }
  readonly shown: number
  /** What is listed, in the plural and with a capital. */
  readonly noun: string
  /** What is said while pages come empty. */
  readonly searchingWords?: string
}

/**
 * The end of a list: how much of it is here, and the way to the rest. A search that has found nothing yet goes on by
 * itself.
 */
export function LoadMore({ query, shown, noun, searchingWords = 'Searching further back…' }: LoadMoreProps) {
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query
  const searching = shown === 0 && hasNextPage && !isFetchNextPageError
  useEffect(() => {
    if (searching && !isFetchingNextPage) void fetchNextPage({ cancelRefetch: false })
  }, [searching, isFetchingNextPage, fetchNextPage])
  const loadOneMore = usePages(query)
  return (
    <div className="flex min-h-16 flex-wrap items-center justify-between gap-3 border-t border-line px-3 py-2 sm:px-5">
      <p className="text-sm text-ink-soft" role="status">
        {searching ? searchingWords : `${noun} shown: ${shown}`}
        {searching ? '' : hasNextPage ? ', there are more' : ', that is all'}
      </p>
      {hasNextPage && !searching ? (
        <Button look="secondary" className="print:hidden" busy={isFetchingNextPage} onClick={loadOneMore}>
          {isFetchingNextPage ? 'Loading…' : 'Load more'}
        </Button>
      ) : null}
    </div>
  )
}

/**
 * Loads as many pages as the address says, one after the other, and keeps it up to date: gives the way to load one
 * more.
 */
function usePages({ data, isFetching, hasNextPage, isFetchNextPageError, fetchNextPage }: LoadMoreProps['query']) {
  const navigate = useNavigate()
  const { pages } = useSearch({ strict: false })
  const loaded = data?.pages.length ?? 0
  const missing = loaded < Number(pages ?? 1) && hasNextPage && !isFetchNextPageError
  useEffect(() => {
    if (missing && !isFetching) void fetchNextPage({ cancelRefetch: false })
  }, [missing, isFetching, fetchNextPage])
  return () => {
    void fetchNextPage()
    const search = (before: object) => ({ ...before, pages: pagesInUrl(loaded + 1) })
    void navigate({ to: '.', search, replace: true, resetScroll: false })
  }
}
