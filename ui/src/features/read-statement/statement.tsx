import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { QueryFailed } from '../../components/failure/query-failed.tsx'
import { ListTools } from '../../components/list-tools.tsx'
import { LoadMore } from '../../components/load-more.tsx'
import { useMarks } from '../../components/mark-cell.tsx'
import { SearchPanel } from '../../components/search-panel.tsx'
import { searchSorting } from '../../components/search-sorting.ts'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { entriesCsvPath, entriesQuery } from '../../data/accounts/list-entries.ts'
import { isNarrowed, SearchFilter } from '../../data/search/search-filter.ts'
import { totalsOf } from '../../money/totals.ts'
import { useReportingZone, useServices } from '../../services/app-context.ts'
import { entryKey, StatementTable } from './statement-table.tsx'

const route = getRouteApi('/accounts/$accountId')

type StatementProps = { readonly accountId: string; readonly currency: string | undefined }

/**
 * The movements of an account, newest first unless one asks for another order; the search stands in the address, and
 * the server answers it.
 */
export function Statement({ accountId, currency }: StatementProps) {
  const { client } = useServices()
  const search = SearchFilter.parse(route.useSearch())
  const zone = useReportingZone(search.zone)
  const filter = { ...search, zone }
  const navigate = route.useNavigate()
  const query = useInfiniteQuery(entriesQuery(client, accountId, filter))
  const marks = useMarks()
  const entries = query.data?.pages.flatMap((page) => page.value.items) ?? []
  const marked = entries.filter((entry) => marks.has(entryKey(entry)))
  const searching = entries.length === 0 && query.hasNextPage
  const show = (change: SearchFilter) =>
    navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false })
  const sorting = searchSorting(filter, (sort) =>
    navigate({ search: (before) => ({ ...before, sort }), resetScroll: false }),
  )
  return (
    <section aria-labelledby="statement">
      <h2 id="statement" className="mb-3 text-lg font-bold">
        Statement
        {zone ? <span className="ml-3 text-sm font-normal text-ink-soft">Days of {zone}</span> : null}
      </h2>
      <SearchPanel filter={filter} currency={currency} onChange={show} />
      {query.error && !query.data ? <QueryFailed error={query.error} onRetry={query.refetch} noun="statement" /> : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows headings label="Loading the statement" rows={8} />
        </Card>
      ) : null}
      {query.data && entries.length === 0 && !searching ? (
        <NoEntries
          filtered={isNarrowed(filter)}
          onClear={() => navigate({ search: ({ on, zone }) => ({ on, zone }), replace: true, resetScroll: false })}
        />
      ) : null}
      {entries.length > 0 || searching ? (
        <ListTools
          csvPath={entriesCsvPath(accountId, filter)}
          marked={{ count: marked.length, totals: totalsOf(marked) }}
        >
          <Card className="overflow-hidden">
            {entries.length > 0 ? (
              <StatementTable entries={entries} marks={marks} zone={zone} sorting={sorting} />
            ) : null}
            <LoadMore query={query} shown={entries.length} noun="Entries" />
          </Card>
        </ListTools>
      ) : null}
    </section>
  )
}

function NoEntries({ filtered, onClear }: { readonly filtered: boolean; readonly onClear: () => void }) {
  if (!filtered) {
    return (
      <EmptyState title="No movement yet">
        The first payment in or out of this account shows up here by itself.
      </EmptyState>
    )
  }
  const clear = (
    <Button look="secondary" onClick={onClear}>
      Clear the filters
    </Button>
  )
  return (
    <EmptyState title="No movement matches" action={clear}>
      No movement of this account has all that you search for.
    </EmptyState>
  )
}
