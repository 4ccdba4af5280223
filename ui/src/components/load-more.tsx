import { Button } from './button.tsx'

type LoadMoreProps = {
  readonly query: {
    readonly hasNextPage: boolean
    readonly isFetchingNextPage: boolean
    readonly fetchNextPage: () => unknown
  }
  readonly shown: number
  /** What is listed, in the plural and with a capital. */
  readonly noun: string
  /** What `shown` is a part of, where a filter looks through what is loaded. */
  readonly outOf?: number | undefined
}

/** The end of a list: how much of it is here, and the way to the rest. */
export function LoadMore({ query, shown, noun, outOf }: LoadMoreProps) {
  return (
    <div className="flex min-h-16 flex-wrap items-center justify-between gap-3 border-t border-line px-4 py-2 sm:px-5">
      <p className="text-sm text-ink-soft" role="status">
        {noun} shown: {shown}
        {outOf === undefined ? '' : ` of ${outOf} loaded`}
        {query.hasNextPage ? ', there are more' : ', that is all'}
      </p>
      {query.hasNextPage ? (
        <Button
          look="secondary"
          className="print:hidden"
          busy={query.isFetchingNextPage}
          onClick={() => query.fetchNextPage()}
        >
          {query.isFetchingNextPage ? 'Loading…' : 'Load more'}
        </Button>
      ) : null}
    </div>
  )
}
