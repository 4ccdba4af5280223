import { DailyTotals } from '@micropay/schemas/reconciliation'
import { queryOptions } from '@tanstack/react-query'
import type { Client } from './client.ts'
import type { DailySearch, TotalsBy } from './finance-search.ts'
import { pathWith } from './path.ts'

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
