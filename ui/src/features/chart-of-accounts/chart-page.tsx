import type { ChartNode } from '@micropay/schemas/reconciliation'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { type BalanceSearch, chartQuery } from '../../api/get-trial-balance.ts'
import { pathWith } from '../../api/path.ts'
import { useServices } from '../../app/app-context.ts'
import { Card } from '../../components/card.tsx'
import { CsvLink } from '../../components/csv-link.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Money } from '../../components/money.tsx'
import { Page } from '../../components/page.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { Cell, Table } from '../../components/table.tsx'
import { QueryFailed } from '../lost/query-failed.tsx'
import { AsOfFilter, asOfWords } from '../trial-balance/as-of-filter.tsx'

const route = getRouteApi('/chart-of-accounts')
const columns = [
  { name: 'Place' },
  { name: 'Accounts', align: 'right' },
  { name: 'Debit', align: 'right' },
  { name: 'Credit', align: 'right' },
] as const

/** The chart as a tree: each place nets all below it, and leads to its accounts and on to their entries. */
export function ChartPage() {
  const { client } = useServices()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(chartQuery(client, search))
  const nodes = query.data?.value.items ?? []
  const show = (change: BalanceSearch) => navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  return (
    <Page
      title="Chart of accounts"
      lead={asOfWords(search)}
      freshness={query.data?.freshness}
      actions={<CsvLink href={pathWith('/v1/chart-of-accounts', { ...search, format: 'csv' })} />}
    >
      <AsOfFilter search={search} onChange={show} />
      {query.error && !query.data ? (
        <QueryFailed error={query.error} onRetry={query.refetch} noun="chart of accounts" />
      ) : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows headings label="Loading the chart of accounts" rows={8} />
        </Card>
      ) : null}
      {query.data && nodes.length === 0 ? (
        <EmptyState title="No account yet">The chart grows with the accounts that are opened.</EmptyState>
      ) : null}
      {nodes.length > 0 ? (
        <Card className="overflow-hidden">
          <Table label="Chart of accounts" columns={columns}>
            {nodes.map((node) => (
              <NodeRow key={`${node.path} ${node.currency}`} node={node} search={search} />
            ))}
          </Table>
        </Card>
      ) : null}
    </Page>
  )
}

const indents = ['', 'pl-5', 'pl-10', 'pl-15', 'pl-20', 'pl-25', 'pl-30', 'pl-35']

function NodeRow({ node, search }: { readonly node: ChartNode; readonly search: BalanceSearch }) {
  const { path, currency, depth } = node
  return (
    <tr className={depth === 1 ? 'bg-sunken font-semibold' : ''}>
      <Cell>
        <span className={`block ${indents[depth - 1] ?? ''}`}>
          <Link
            to="/trial-balance"
            search={{ ...search, path, currency }}
            aria-label={`${path}, ${currency}`}
            className="text-accent hover:underline"
          >
            {path.split('/').at(-1)}
          </Link>
        </span>
      </Cell>
      <Cell align="right">{node.accounts}</Cell>
      <Cell align="right">{node.debit === '0' ? '' : <Money minor={node.debit} currency={currency} />}</Cell>
      <Cell align="right">{node.credit === '0' ? '' : <Money minor={node.credit} currency={currency} />}</Cell>
    </tr>
  )
}
