import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { oldest } from '../../api/freshness.ts'
import { type PaymentFilter, paymentsQuery } from '../../api/list-payments.ts'
import { useServices } from '../../app/app-context.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { SelectField } from '../../components/field.tsx'
import { LoadMore } from '../../components/load-more.tsx'
import { Page } from '../../components/page.tsx'
import { SearchField } from '../../components/search-field.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { QueryFailed } from '../lost/query-failed.tsx'
import { PaymentTable } from './payment-table.tsx'

const route = getRouteApi('/payments')

/** Every payment that one may see, posted and refused, newest first. */
export function PaymentsPage() {
  const { client } = useServices()
  const filter = route.useSearch()
  const navigate = route.useNavigate()
  const query = useInfiniteQuery(paymentsQuery(client, filter))
  const payments = query.data?.pages.flatMap((page) => page.value.items) ?? []
  const filtered = Object.values(filter).some(Boolean)
  const show = (change: PaymentFilter) => navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  const clear = (
    <Button look="secondary" onClick={() => navigate({ search: {} })}>
      Clear the filters
    </Button>
  )
  return (
    <Page
      title="Payments"
      lead="Newest first."
      freshness={query.data && oldest(query.data.pages.map((page) => page.freshness))}
    >
      <search className="mb-5 grid gap-4 sm:grid-cols-[2fr_1fr] print:hidden">
        <SearchField
          label="Account"
          placeholder="The id of an account"
          value={filter.account ?? ''}
          onSearch={(account) => show({ account: account || undefined })}
        />
        <SelectField
          label="Status"
          value={filter.status ?? ''}
          onChange={(value) => show({ status: value === 'posted' || value === 'rejected' ? value : undefined })}
        >
          <option value="">Any status</option>
          <option value="posted">Posted</option>
          <option value="rejected">Refused</option>
        </SelectField>
      </search>
      {query.error && !query.data ? (
        <QueryFailed error={query.error} onRetry={query.refetch} noun="payment list" />
      ) : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows headings label="Loading payments" rows={8} />
        </Card>
      ) : null}
      {query.data && payments.length === 0 ? (
        <EmptyState title={filtered ? 'No payment matches' : 'No payment yet'} action={filtered ? clear : null}>
          {filtered ? 'No payment has this account and status together.' : 'The first payment shows up here by itself.'}
        </EmptyState>
      ) : null}
      {payments.length > 0 ? (
        <Card className="overflow-hidden">
          <PaymentTable payments={payments} />
          <LoadMore query={query} shown={payments.length} noun="Payments" />
        </Card>
      ) : null}
    </Page>
  )
}
