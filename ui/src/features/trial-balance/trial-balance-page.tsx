import type { TrialBalanceTotal } from '@micropay/schemas/reconciliation'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { oldest } from '../../api/freshness.ts'
import { type BalanceSearch, trialBalanceQuery } from '../../api/get-trial-balance.ts'
import { pathWith } from '../../api/path.ts'
import { useServices } from '../../app/app-context.ts'
import { Badge } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
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

const route = getRouteApi('/trial-balance')
const columns = [
  { name: 'Account' },
  { name: 'Place' },
  { name: 'Debit', align: 'right' },
  { name: 'Credit', align: 'right' },
] as const

/** Every account's balance on its side, with debits and credits that are equal in each currency. */
export function TrialBalancePage() {
  const { client } = useServices()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const query = useInfiniteQuery(trialBalanceQuery(client, search))
  const rows = query.data?.pages.flatMap((page) => page.value.items) ?? []
  const totals = query.data?.pages[0]?.value.totals ?? []
  const show = (change: BalanceSearch) => navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  return (
    <Page
      title="Trial balance"
      lead={asOfWords(search)}
      freshness={query.data && oldest(query.data.pages.map((page) => page.freshness))}
      actions={<CsvLink href={pathWith('/v1/trial-balance', { ...search, format: 'csv' })} />}
    >
      <AsOfFilter search={search} onChange={show} />
      {search.path || search.currency ? (
        <p className="mb-5 flex flex-wrap items-center gap-3 text-sm">
          Narrowed to {[search.path, search.currency].filter(Boolean).join(', ')}
          <Button look="secondary" onClick={() => show({ path: undefined, currency: undefined })}>
            Show all
          </Button>
        </p>
      ) : null}
      {query.error && !query.data ? (
        <QueryFailed error={query.error} onRetry={query.refetch} noun="trial balance" />
      ) : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows headings label="Loading the trial balance" rows={8} />
        </Card>
      ) : null}
      {query.data ? <Totals totals={totals} isWhole={search.path === undefined} /> : null}
      {query.data && rows.length === 0 ? (
        <EmptyState title="Every account stands at zero">
          Nothing had been booked by then. Choose a later day, or none for the figures of now.
        </EmptyState>
      ) : null}
      {rows.length > 0 ? (
        <Card className="overflow-hidden">
          <Table label="Trial balance" columns={columns}>
            {rows.map((row) => (
              <tr key={row.accountId}>
                <Cell>
                  <Link
                    to="/trial-balance/$accountId"
                    params={{ accountId: row.accountId }}
                    search={{ day: search.day, position: search.position, zone: search.zone }}
                    className="font-medium text-accent hover:underline"
                  >
                    {row.name ?? row.accountId}
                  </Link>
                  <span className="block text-xs text-ink-faint">{row.accountId}</span>
                </Cell>
                <Cell className="text-ink-soft">{row.path}</Cell>
                <Cell align="right">
                  {row.debit === '0' ? '' : <Money minor={row.debit} currency={row.currency} />}
                </Cell>
                <Cell align="right">
                  {row.credit === '0' ? '' : <Money minor={row.credit} currency={row.currency} />}
                </Cell>
              </tr>
            ))}
          </Table>
          <LoadMore query={query} shown={rows.length} noun="Accounts" />
        </Card>
      ) : null}
    </Page>
  )
}

type TotalsProps = { readonly totals: readonly TrialBalanceTotal[]; readonly isWhole: boolean }

function Totals({ totals, isWhole }: TotalsProps) {
  return (
    <ul className="mb-5 grid gap-4 sm:grid-cols-2 lg:grid-cols-3" aria-label="Totals by currency">
      {totals.map((total) => (
        <li key={total.currency}>
          <Card className="p-4 sm:p-5">
            <div className="mb-3 flex items-center justify-between gap-3">
              <span className="font-semibold">{total.currency}</span>
              {isWhole ? <BalancedBadge balanced={total.debit === total.credit} /> : null}
            </div>
            <dl className="space-y-1 text-sm">
              <TotalLine name="Debit" minor={total.debit} currency={total.currency} />
              <TotalLine name="Credit" minor={total.credit} currency={total.currency} />
            </dl>
          </Card>
        </li>
      ))}
    </ul>
  )
}

function BalancedBadge({ balanced }: { readonly balanced: boolean }) {
  return balanced ? <Badge tone="good">Balanced</Badge> : <Badge tone="bad">Out of balance</Badge>
}

type TotalLineProps = { readonly name: string; readonly minor: string; readonly currency: string }

function TotalLine({ name, minor, currency }: TotalLineProps) {
  return (
    <div className="flex items-baseline justify-between gap-4">
      <dt className="text-ink-soft">{name}</dt>
      <dd className="font-semibold">
        <Money minor={minor} currency={currency} />
      </dd>
    </div>
  )
}
