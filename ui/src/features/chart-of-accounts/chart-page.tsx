import type { ChartNode } from '@micropay/schemas/api/reconciliation'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { pathWith } from '../../api/path.ts'
import { AsOfFilter, asOfWords } from '../../components/as-of-filter.tsx'
import { Button, LinkButton } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { CurrencyFilter } from '../../components/currency-filter.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { QueryFailed } from '../../components/failure/query-failed.tsx'
import { ListTools } from '../../components/list-tools.tsx'
import { Money } from '../../components/money.tsx'
import { Page } from '../../components/page.tsx'
import { SideAmount } from '../../components/side-amount.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { Cell, Table } from '../../components/table.tsx'
import type { ChartSearch } from '../../data/books/finance-search.ts'
import { chartQuery } from '../../data/books/get-trial-balance.ts'
import { useServices } from '../../services/app-context.ts'

const route = getRouteApi('/chart-of-accounts')
const columns = [
  { name: 'Place' },
  { name: 'Accounts', align: 'right', className: 'hidden sm:table-cell' },
  { name: 'Balance', align: 'right', className: 'sm:hidden' },
  { name: 'Debit', align: 'right', className: 'hidden sm:table-cell' },
  { name: 'Credit', align: 'right', className: 'hidden sm:table-cell' },
] as const

/**
 * The chart as a tree: each place nets all below it, and leads to its accounts and on to their entries. Its order is
 * that of the tree; sorted by amounts it would be a tree no more, and the trial balance sorts by them.
 */
export function ChartPage() {
  const { client } = useServices()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(chartQuery(client, search))
  const nodes = query.data?.value.items ?? []
  const show = (change: ChartSearch) =>
    navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false })
  return (
    <Page
      lead={asOfWords(search)}
      freshness={query.data?.freshness}
      actions={
        <LinkButton to="/daily-totals" search={{ zone: search.zone, currency: search.currency }} look="secondary">
          Daily totals
        </LinkButton>
      }
    >
      <AsOfFilter search={search} onChange={show}>
        <CurrencyFilter value={search.currency} onChange={(currency) => show({ currency })} />
      </AsOfFilter>
      {query.error && !query.data ? (
        <QueryFailed error={query.error} onRetry={query.refetch} noun="chart of accounts" />
      ) : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows headings label="Loading the chart of accounts" rows={8} />
        </Card>
      ) : null}
      {query.data && nodes.length === 0 ? (
        <NoNodes narrowed={Boolean(search.currency)} onShowAll={() => show({ currency: undefined })} />
      ) : null}
      {nodes.length > 0 ? (
        <ListTools csvPath={pathWith('/v1/chart-of-accounts', { ...search, format: 'csv' })}>
          <Card className="overflow-hidden">
            <Table label="Chart of accounts" columns={columns}>
              {nodes.map((node) => (
                <NodeRow key={`${node.path} ${node.currency}`} node={node} search={search} />
              ))}
            </Table>
          </Card>
        </ListTools>
      ) : null}
    </Page>
  )
}

function NoNodes({ narrowed, onShowAll }: { readonly narrowed: boolean; readonly onShowAll: () => void }) {
  if (!narrowed)
    return <EmptyState title="No account yet">The chart grows with the accounts that are opened.</EmptyState>
  const showAll = (
    <Button look="secondary" onClick={onShowAll}>
      Show all currencies
    </Button>
  )
  return (
    <EmptyState title="No place holds this currency" action={showAll}>
      Nothing in it had been booked as of then.
    </EmptyState>
  )
}

/** Half as deep on a phone, where names have to fit beside the amounts. */
const indents = [
  '',
  'pl-2.5 sm:pl-5',
  'pl-5 sm:pl-10',
  'pl-7.5 sm:pl-15',
  'pl-10 sm:pl-20',
  'pl-12.5 sm:pl-25',
  'pl-15 sm:pl-30',
  'pl-17.5 sm:pl-35',
]

function NodeRow({ node, search }: { readonly node: ChartNode; readonly search: ChartSearch }) {
  const { path, currency, depth } = node
  // A place at zero stands on neither side. It says so with its currency on both, or places of several currencies would
  // look alike.
  const isZero = node.debit === '0' && node.credit === '0'
  const shows = (side: 'debit' | 'credit') => isZero || node[side] !== '0'
  return (
    <tr className={depth === 1 ? 'bg-sunken font-semibold' : ''}>
      <Cell>
        <span className={`block ${indents[depth - 1] ?? ''}`}>
          <Link
            to="/trial-balance"
            search={{ ...search, path, currency }}
            aria-label={`${path}, ${currency}`}
            className="inline-flex min-h-11 items-center wrap-anywhere text-accent hover:underline"
          >
            {path.split('/').at(-1)}
          </Link>
          <span className="-mt-2 block pb-1 text-xs font-normal text-ink-soft sm:hidden">
            {accountsWord(node.accounts)}
          </span>
        </span>
      </Cell>
      <Cell align="right" className="hidden sm:table-cell">
        {node.accounts}
      </Cell>
      <Cell align="right" className="sm:hidden">
        <SideAmount debit={node.debit} credit={node.credit} currency={currency} />
      </Cell>
      <Cell align="right" className="hidden sm:table-cell">
        {shows('debit') ? <Money minor={node.debit} currency={currency} /> : ''}
      </Cell>
      <Cell align="right" className="hidden sm:table-cell">
        {shows('credit') ? <Money minor={node.credit} currency={currency} /> : ''}
      </Cell>
    </tr>
  )
}

function accountsWord(count: number): string {
  return `${count.toLocaleString()} ${count === 1 ? 'account' : 'accounts'}`
}
