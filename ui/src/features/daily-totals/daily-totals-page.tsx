import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { ClosedNote } from '../../components/closed-note.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { QueryFailed } from '../../components/failure/query-failed.tsx'
import { ListTools } from '../../components/list-tools.tsx'
import { NamesShown } from '../../components/names-shown.tsx'
import { Page } from '../../components/page.tsx'
import { SkeletonRows } from '../../components/skeleton.tsx'
import { sortRows } from '../../components/sort-rows.ts'
import type { DailySearch } from '../../data/books/finance-search.ts'
import { dailyTotalsCsvPath, dailyTotalsQuery } from '../../data/books/get-daily-totals.ts'
import { useServices } from '../../services/app-context.ts'
import { dayIn, shiftedDay, usualZone } from '../../time/reporting-zone.ts'
import { DailyTotalsFilter } from './daily-totals-filter.tsx'
import { DailyTotalsTable, dailySorts } from './daily-totals-table.tsx'

const route = getRouteApi('/daily-totals')

const USUAL_DAYS = 30
/** So many rows are rendered at a time; all totals are here, so sums and order are those of all of them. */
const ROWS = 200

/** What came in and went out each day of the reporting time zone, by value date. */
export function DailyTotalsPage() {
  const { client, clock } = useServices()
  const { sort, ...search } = route.useSearch()
  const navigate = route.useNavigate()
  const [rows, setRows] = useState(ROWS)
  const { zone = usualZone } = search
  const to = search.to ?? dayIn(zone, clock.nowMs())
  const request = { ...search, to, from: search.from ?? shiftedDay(to, 1 - USUAL_DAYS), by: search.by ?? 'none' }
  const query = useQuery(dailyTotalsQuery(client, request))
  const totals = query.data?.value.items ?? []
  const show = (change: DailySearch) =>
    navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false })
  return (
    <Page lead={`${request.from} to ${to}, in days of ${zone}, by value date.`} freshness={query.data?.freshness}>
      <DailyTotalsFilter request={request} onChange={show} />
      <NamesShown names={request} onChange={show} />
      <ClosedNote closed={query.data?.value.closed} />
      {query.error && !query.data ? (
        <QueryFailed error={query.error} onRetry={query.refetch} noun="daily totals" />
      ) : null}
      {query.isPending ? (
        <Card>
          <SkeletonRows headings label="Loading the daily totals" rows={8} />
        </Card>
      ) : null}
      {query.data && totals.length === 0 ? (
        <EmptyState
          title={
            request.operation === undefined && request.purpose === undefined
              ? 'Nothing was booked in these days'
              : 'Nothing of that name was booked in these days'
          }
          action={
            <Button look="secondary" onClick={() => navigate({ search: { zone: search.zone } })}>
              Show the last {USUAL_DAYS} days of all accounts
            </Button>
          }
        >
          Choose other days, or fewer conditions.
        </EmptyState>
      ) : null}
      {totals.length > 0 ? (
        <ListTools csvPath={dailyTotalsCsvPath(request)}>
          <Card className="overflow-hidden">
            <DailyTotalsTable
              totals={totals}
              shown={sortRows(totals, dailySorts, sort).slice(0, rows)}
              request={request}
              sorting={{
                by: sort,
                usual: 'day',
                onSort: (by) => navigate({ search: (before) => ({ ...before, sort: by }), resetScroll: false }),
              }}
            />
            <RowsShown shown={Math.min(rows, totals.length)} of={totals.length} onMore={() => setRows(rows + ROWS)} />
          </Card>
        </ListTools>
      ) : null}
    </Page>
  )
}

type RowsShownProps = { readonly shown: number; readonly of: number; readonly onMore: () => void }

function RowsShown({ shown, of, onMore }: RowsShownProps) {
  return (
    <div className="flex min-h-16 flex-wrap items-center justify-between gap-3 border-t border-line px-3 py-2 sm:px-5">
      <p className="text-sm text-ink-soft" role="status">
        Totals shown: {shown === of ? `${of}, that is all` : `${shown} of ${of}`}
      </p>
      {shown < of ? (
        <Button look="secondary" className="print:hidden" onClick={onMore}>
          Show more
        </Button>
      ) : null}
    </div>
  )
}
