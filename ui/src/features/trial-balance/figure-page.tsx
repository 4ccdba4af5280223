import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { oldest } from '../../api/freshness.ts'
import { type BalanceSearch, figureEntriesPath, figureEntriesQuery } from '../../api/get-trial-balance.ts'
import { pathWith } from '../../api/path.ts'
import { useServices } from '../../app/app-context.ts'
import { Card } from '../../components/card.tsx'
import { CsvLink } from '../../components/csv-link.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { LoadMore } from '../../components/load-more.tsx'
import { Money } from '../../components/money.tsx'
import { Page } from '../../components/page.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { Cell, Table } from '../../components/table.tsx'
import { QueryFailed } from '../lost/query-failed.tsx'
import { AsOfFilter, asOfWords } from './as-of-filter.tsx'

const route = getRouteApi('/trial-balance/$accountId')
const columns = [
  { name: 'Value date' },
  { name: 'Counterparty' },
  { name: 'Reference' },
  { name: 'Payment' },
  { name: 'Amount', align: 'right' },
] as const

/** The entries that make up one account's figure, newest value date first. */
export function FigurePage() {
  const { client } = useServices()
  const { accountId } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const query = useInfiniteQuery(figureEntriesQuery(client, accountId, search))
  const entries = query.data?.pages.flatMap((page) => page.value.items) ?? []
  const show = (change: BalanceSearch) => navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  const { day, position, zone } = search
  return (
    <Page
      title={`Entries of ${accountId}`}
      lead={asOfWords(search)}
      freshness={query.data && oldest(query.data.pages.map((page) => page.freshness))}
      actions={<CsvLink href={pathWith(figureEntriesPath(accountId), { day, position, zone, format: 'csv' })} />}
    >
      <AsOfFilter search={search} onChange={show} />
      {query.error && !query.data ? <QueryFailed error={query.error} onRetry={query.refetch} noun="account" /> : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows headings label="Loading entries" />
        </Card>
      ) : null}
      {query.data && entries.length === 0 ? (
        <EmptyState title="No entry by then">Nothing was booked on this account. Choose a later day.</EmptyState>
      ) : null}
      {entries.length > 0 ? (
        <Card className="overflow-hidden">
          <Table label={`Entries of ${accountId}`} columns={columns}>
            {entries.map((entry) => (
              <tr key={`${entry.position} ${entry.index}`}>
                <Cell className="whitespace-nowrap">{entry.effectiveAt.slice(0, 16).replace('T', ' ')}</Cell>
                <Cell>{entry.counterparty}</Cell>
                <Cell>{entry.reference ?? entry.description ?? ''}</Cell>
                <Cell>
                  <Link
                    to="/payments/$paymentId"
                    params={{ paymentId: entry.paymentId }}
                    className="text-accent hover:underline"
                  >
                    {entry.paymentId}
                  </Link>
                </Cell>
                <Cell align="right">
                  <Money minor={entry.amount} currency={entry.currency} signed />
                </Cell>
              </tr>
            ))}
          </Table>
          <LoadMore query={query} shown={entries.length} noun="Entries" />
        </Card>
      ) : null}
    </Page>
  )
}
