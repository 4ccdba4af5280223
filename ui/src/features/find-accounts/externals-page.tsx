import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Card } from '../../components/card.tsx'
import { CurrencyFilter } from '../../components/currency-filter.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { QueryFailed } from '../../components/failure/query-failed.tsx'
import { Filters } from '../../components/filters.tsx'
import { Page } from '../../components/page.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { Cell, Table } from '../../components/table.tsx'
import { externalsQuery } from '../../data/accounts/list-externals.ts'
import { useServices } from '../../services/app-context.ts'

const route = getRouteApi('/external-accounts')

/** Where money comes from and goes to. */
export function ExternalsPage() {
  const { client } = useServices()
  const { currency } = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(externalsQuery(client, currency))
  const accounts = query.data?.value.items ?? []
  return (
    <Page lead="They stand for the world outside." freshness={query.data?.freshness}>
      <Filters across={2}>
        <CurrencyFilter value={currency} onChange={(chosen) => navigate({ search: { currency: chosen } })} />
      </Filters>
      {query.error && !query.data ? (
        <QueryFailed error={query.error} onRetry={query.refetch} noun="account list" />
      ) : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows headings label="Loading accounts" />
        </Card>
      ) : null}
      {query.data && accounts.length === 0 ? (
        <EmptyState title="No external account">Open one, or choose another currency.</EmptyState>
      ) : null}
      {accounts.length > 0 ? (
        <Card className="overflow-hidden">
          <Table label="External accounts" columns={[{ name: 'Account' }, { name: 'Currency' }]}>
            {accounts.map(({ accountId, currency: held }) => (
              <tr key={accountId}>
                <Cell>
                  <Link to="/accounts/$accountId" params={{ accountId }}>
                    {accountId}
                  </Link>
                </Cell>
                <Cell>{held}</Cell>
              </tr>
            ))}
          </Table>
        </Card>
      ) : null}
    </Page>
  )
}
