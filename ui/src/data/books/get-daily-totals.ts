import { DailyTotals } from '@micropay/schemas/api/reconciliation'
import { queryOptions } from '@tanstack/react-query'
import type { Client } from '../../api/client.ts'
import { pathWith } from '../../api/path.ts'
import type { DailySearch, TotalsBy } from './finance-search.ts'

/** What is asked when the URL leaves days and grouping open. */
export type DailyRequest = DailySearch & { readonly from: string; readonly to: string; readonly by: TotalsBy }

export function dailyTotalsQuery(client: Client, request: DailyRequest) {
  return queryOptions({
    queryKey: ['daily-totals', request] as const,
    queryFn: ({ signal }) => client.read(pathWith('/v1/daily-totals', request), DailyTotals, signal),
  })
}

export function dailyTotalsCsvPath(request: DailyRequest): string {
  return pathWith('/v1/daily-totals', { ...request, format: 'csv' })
}
