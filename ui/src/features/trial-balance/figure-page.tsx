import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { oldest } from '../../api/freshness.ts'
import { AsOfFilter, asOfWords } from '../../components/as-of-filter.tsx'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { DayField } from '../../components/day-field.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { QueryFailed } from '../../components/failure/query-failed.tsx'
import { ListTools } from '../../components/list-tools.tsx'
import { LoadMore } from '../../components/load-more.tsx'
import { NamesShown } from '../../components/names-shown.tsx'
import { Page } from '../../components/page.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { FigureSearch } from '../../data/books/finance-search.ts'
import { figureEntriesCsvPath, figureEntriesQuery } from '../../data/books/get-trial-balance.ts'
import { withoutPages } from '../../data/search/page-search.ts'
import { useServices } from '../../services/app-context.ts'
import { usualZone } from '../../time/reporting-zone.ts'
import { FigureTable } from './figure-table.tsx'

const route = getRouteApi('/trial-balance/$accountId')
/** The entries that make up one account's figure, by value date; the server sorts and pages them. */
export function FigurePage() {
  const { client } = useServices()
  const { accountId } = route.useParams()
  const search = withoutPages(route.useSearch())
  const navigate = route.useNavigate()
  const query = useInfiniteQuery(figureEntriesQuery(client, accountId, search))
  const entries = query.data?.pages.flatMap((page) => page.value.items) ?? []
  const show = (change: FigureSearch, replace = true) =>
    navigate({ search: (before) => ({ ...before, ...change }), replace, resetScroll: false })
  const { from, sort, zone = usualZone, operation, purpose } = search
  const isNarrowed = from !== undefined || operation !== undefined || purpose !== undefined
  return (
    <Page lead={rangeWords(search)} freshness={query.data && oldest(query.data.pages.map((page) => page.freshness))}>
      <AsOfFilter
        search={search}
        onChange={show}
        begin={<DayField label="From day" value={from} max={search.day} onChange={(first) => show({ from: first })} />}
      />
      <NamesShown names={search} onChange={show} />
      {query.error && !query.data ? <QueryFailed error={query.error} onRetry={query.refetch} noun="account" /> : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows headings label="Loading entries" />
        </Card>
      ) : null}
      {query.data && entries.length === 0 && !query.hasNextPage ? (
        <EmptyState
          title={isNarrowed ? 'No entry in these days or of this name' : 'No entry by then'}
          action={
            <Button look="secondary" onClick={() => navigate({ search: { zone: search.zone } })}>
              Show all entries
            </Button>
          }
        >
          Nothing {isNarrowed ? 'like that ' : ''}was booked on this account {from ? 'in between' : 'until then'}.
          Choose other days{isNarrowed ? ', or fewer conditions' : ''}.
        </EmptyState>
      ) : null}
      {entries.length > 0 || query.hasNextPage ? (
        <ListTools csvPath={figureEntriesCsvPath(accountId, search)}>
          <Card className="overflow-hidden">
            <FigureTable
              label={`Entries of ${accountId}`}
              entries={entries}
              zone={zone}
              sorting={{
                ...{ by: sort, usual: '-value' },
                onSort: (by) => show(FigureSearch.pick({ sort: true }).parse({ sort: by }), false),
              }}
            />
            <LoadMore query={query} shown={entries.length} noun="Entries" />
          </Card>
        </ListTools>
      ) : null}
    </Page>
  )
}

function rangeWords(search: FigureSearch): string {
  const { from, day, position, zone = usualZone } = search
  if (from === undefined) return asOfWords(search)
  const until = day ? `to the end of ${day}` : position ? `on, up to position ${position}` : 'on'
  return `From ${from} ${until}, ${zone}, by value date.`
}
