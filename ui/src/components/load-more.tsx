import { Button } from './button.tsx'

type LoadMoreProps = {
  readonly query: {
    readonly hasNextPage: boolean
    readonly isFetchingNextPage: boolean
    readonly fetchNextPage: () => unknown
  }
  readonly shown: number
  readonly noun: string
}

/** The end of a list: how much of it is here, and the way to the rest. */
export function LoadMore({ query, shown, noun }: LoadMoreProps) {
  return (
    <div className="flex min-h-16 flex-wrap items-center justify-between gap-3 border-t border-line px-4 py-2 sm:px-5">
      <p className="text-sm text-ink-soft" role="status">
        {shown} {noun} shown{query.hasNextPage ? '' : ', that is all'}
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
