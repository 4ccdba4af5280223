import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { oldest } from '../../api/freshness.ts'
import { pathWith } from '../../api/path.ts'
import { AsOfFilter, asOfWords } from '../../components/as-of-filter.tsx'
import { Button, LinkButton } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { ClosedNote } from '../../components/closed-note.tsx'
import { CurrencyFilter } from '../../components/currency-filter.tsx'
import { CurrencyTotals } from '../../components/currency-totals.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { QueryFailed } from '../../components/failure/query-failed.tsx'
import { ListTools } from '../../components/list-tools.tsx'
import { LoadMore } from '../../components/load-more.tsx'
import { Page } from '../../components/page.tsx'
import { SearchField } from '../../components/search-field.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { TrialBalanceSearch } from '../../data/books/finance-search.ts'
import { trialBalanceQuery } from '../../data/books/get-trial-balance.ts'
import { withoutPages } from '../../data/search/page-search.ts'
import { useServices } from '../../services/app-context.ts'
import { TrialBalanceTable } from './trial-balance-table.tsx'

const route = getRouteApi('/trial-balance')
/**
 * Sorted and narrowed by the server, over all accounts: every account's balance on its side, with debits and credits
 * that are equal in each currency.
 */
export function TrialBalancePage() {
  const { client } = useServices()
  const search = withoutPages(route.useSearch())
  const navigate = route.useNavigate()
  const query = useInfiniteQuery(trialBalanceQuery(client, search))
  const rows = query.data?.pages.flatMap((page) => page.value.items) ?? []
  const { totals = [], underWay = [] } = query.data?.pages[0]?.value ?? {}
  const { day, position, zone, currency, path, text, sort } = search
  const narrowed = Boolean(currency || path || text)
  const show = (change: TrialBalanceSearch, replace = true) =>
    navigate({ search: (before) => ({ ...before, ...change }), replace, resetScroll: false })
  const showAll = () => show({ path: undefined, currency: undefined, text: undefined })
  return (
    <Page
      lead={asOfWords(search)}
      freshness={query.data && oldest(query.data.pages.map((page) => page.freshness))}
      actions={
        <LinkButton to="/daily-totals" search={{ zone, currency }} look="secondary">
          Daily totals
        </LinkButton>
      }
    >
      <AsOfFilter search={search} onChange={show}>
        <SearchField
          label="Search"
          placeholder="Account, name or place"
          value={text ?? ''}
          onSearch={(part) => show({ text: part || undefined })}
        />
        <SearchField
          label="Place in the chart"
          placeholder="assets/cash"
          value={path ?? ''}
          onSearch={(place) => show({ path: place || undefined })}
        />
        <CurrencyFilter value={currency} onChange={(code) => show({ currency: code })} />
      </AsOfFilter>
      {query.error && !query.data ? (
        <QueryFailed error={query.error} onRetry={query.refetch} noun="trial balance" />
      ) : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows headings label="Loading the trial balance" rows={8} />
        </Card>
      ) : null}
      <ClosedNote closed={query.data?.pages[0]?.value.closed} />
      {query.data ? (
        <CurrencyTotals totals={totals} underWay={underWay} isWhole={path === undefined && text === undefined} />
      ) : null}
      {query.data && rows.length === 0 ? <NoBalances narrowed={narrowed} onShowAll={showAll} /> : null}
      {rows.length > 0 ? (
        <ListTools csvPath={pathWith('/v1/trial-balance', { ...search, format: 'csv' })}>
          <Card className="overflow-hidden">
            <TrialBalanceTable
              rows={rows}
              asOf={{ day, position, zone }}
              sorting={{
                ...{ by: sort, usual: 'account' },
                onSort: (by) => show(TrialBalanceSearch.pick({ sort: true }).parse({ sort: by }), false),
              }}
            />
            <LoadMore query={query} shown={rows.length} noun="Accounts" />
          </Card>
        </ListTools>
      ) : null}
    </Page>
  )
}

function NoBalances({ narrowed, onShowAll }: { readonly narrowed: boolean; readonly onShowAll: () => void }) {
  if (!narrowed) {
    return (
      <EmptyState title="Every account stands at zero">
        Nothing had been booked by then. Choose a later day, or none for the figures of now.
      </EmptyState>
    )
  }
  const showAll = (
    <Button look="secondary" onClick={onShowAll}>
      Show all accounts
    </Button>
  )
  return (
    <EmptyState title="No account with a balance matches" action={showAll}>
      None of what you search for stands anywhere but at zero, as of then.
    </EmptyState>
  )
}
