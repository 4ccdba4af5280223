import type { Payment } from '@micropay/schemas/api/payment'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { oldest } from '../../api/freshness.ts'
import { allows } from '../../api/session.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { QueryFailed } from '../../components/failure/query-failed.tsx'
import { SelectField } from '../../components/field.tsx'
import { ListTools } from '../../components/list-tools.tsx'
import { LoadMore } from '../../components/load-more.tsx'
import { useMarks } from '../../components/mark-cell.tsx'
import { Page } from '../../components/page.tsx'
import { SearchField } from '../../components/search-field.tsx'
import { SearchPanel } from '../../components/search-panel.tsx'
import { searchSorting } from '../../components/search-sorting.ts'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { UnderWay } from '../../components/under-way.tsx'
import { accountQuery } from '../../data/accounts/get-account.ts'
import { accountsQuery } from '../../data/accounts/list-accounts.ts'
import { PaymentFilter, paymentsCsvPath, paymentsQuery } from '../../data/payments/list-payments.ts'
import { withoutPages } from '../../data/search/page-search.ts'
import { isNarrowed, sortOf } from '../../data/search/search-filter.ts'
import { movedBy, totalsOf } from '../../money/totals.ts'
import { useReportingZone, useServices, useSession } from '../../services/app-context.ts'
import { PaymentTable } from './payment-table.tsx'

const route = getRouteApi('/payments')

/** The currency of all, where all have the same. */
function onlyOne(currencies: readonly string[] | undefined): string | undefined {
  const [first, ...others] = new Set(currencies)
  return others.length === 0 ? first : undefined
}

/** Every payment that one may see, under way, posted and refused, newest first; the search stands in the address. */
export function PaymentsPage() {
  const { client } = useServices()
  const search = withoutPages(route.useSearch())
  const session = useSession()
  const seesAll = allows(session, 'accounts:read:any')
  // A direction is seen from an account; who sees all of them has no side of their own.
  const directed = !seesAll || Boolean(search.account)
  const zone = useReportingZone(search.zone)
  const filter = { ...search, zone, direction: directed ? search.direction : undefined }
  const navigate = route.useNavigate()
  const query = useInfiniteQuery(paymentsQuery(client, filter))
  const accounts = useInfiniteQuery({ ...accountsQuery(client, { owner: session.subject }), enabled: !seesAll })
  const listed = accounts.data?.pages[0]?.value.items
  const own = listed && new Set<string>(listed.map(({ accountId }) => accountId))
  const account = useQuery({ ...accountQuery(client, search.account ?? ''), enabled: Boolean(search.account) })
  const marks = useMarks()
  const payments = query.data?.pages.flatMap((page) => page.value.items) ?? []
  const marked = payments.filter((payment) => marks.has(payment.paymentId))
  const sort = sortOf(filter)
  const searching = payments.length === 0 && query.hasNextPage
  const show = (change: PaymentFilter) =>
    navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false })
  const sorting = searchSorting(filter, (by) =>
    navigate({ search: (before) => ({ ...before, sort: by }), resetScroll: false }),
  )
  return (
    <Page
      lead={zone ? `${leads[sort]} Days and times of ${zone}.` : leads[sort]}
      freshness={query.data && oldest(query.data.pages.map((page) => page.freshness))}
    >
      <UnderWay />
      <SearchPanel
        filter={filter}
        currency={search.account ? account.data?.value.currency : onlyOne(listed?.map(({ currency }) => currency))}
        directed={directed}
        onChange={show}
      >
        <StatusField value={filter.status} onChange={(status) => show({ status })} />
        <SearchField
          label="Account"
          placeholder="ada:main"
          value={filter.account ?? ''}
          onSearch={(account) => show({ account: account || undefined })}
        />
      </SearchPanel>
      {query.error && !query.data ? (
        <QueryFailed error={query.error} onRetry={query.refetch} noun="payment list" />
      ) : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows headings label="Loading payments" rows={8} />
        </Card>
      ) : null}
      {query.data && payments.length === 0 && !searching ? (
        <NoPayments filtered={isNarrowed(filter)} onClear={() => navigate({ search: { zone: search.zone } })} />
      ) : null}
      {payments.length > 0 || searching ? (
        <ListTools
          csvPath={paymentsCsvPath(filter)}
          marked={{ count: marked.length, totals: totalsOf(marked.flatMap(amountsMoved)) }}
        >
          <Card className="overflow-hidden">
            {payments.length > 0 ? (
              <PaymentTable
                payments={payments}
                marks={marks}
                own={own}
                zone={zone}
                byValueDate={sort.endsWith('value')}
                sorting={sorting}
              />
            ) : null}
            <LoadMore query={query} shown={payments.length} noun="Payments" />
          </Card>
        </ListTools>
      ) : null}
    </Page>
  )
}

type StatusFieldProps = {
  readonly value: PaymentFilter['status']
  readonly onChange: (status: PaymentFilter['status']) => void
}

function StatusField({ value, onChange }: StatusFieldProps) {
  return (
    <SelectField
      label="Status"
      value={value ?? ''}
      onChange={(chosen) => onChange(PaymentFilter.shape.status.parse(chosen || undefined))}
    >
      <option value="">Any status</option>
      <option value="pending">Under way</option>
      <option value="posted">Posted</option>
      <option value="rejected">Refused</option>
    </SelectField>
  )
}

function amountsMoved({ legs }: Payment) {
  return movedBy(legs).map(({ currency, minor }) => ({ currency, amount: minor }))
}

const leads = {
  '-decided': 'Newest first.',
  decided: 'Oldest first.',
  '-value': 'By value date, newest first.',
  value: 'By value date, oldest first.',
} as const

function NoPayments({ filtered, onClear }: { readonly filtered: boolean; readonly onClear: () => void }) {
  if (!filtered) {
    return <EmptyState title="No payment yet">The first payment shows up here by itself.</EmptyState>
  }
  const clear = (
    <Button look="secondary" onClick={onClear}>
      Clear the filters
    </Button>
  )
  return (
    <EmptyState title="No payment matches" action={clear}>
      No payment has all that you search for.
    </EmptyState>
  )
}
