import { AccountType } from '@micropay/schemas/account'
import { DailyTotals } from '@micropay/schemas/reconciliation'
import { queryOptions } from '@tanstack/react-query'
import { z } from 'zod'
import type { Client } from './client.ts'
import { pathWith } from './path.ts'
import { reportingZone } from './reporting-zone.ts'

const day = z.iso.date().optional().catch(undefined)

export const TotalsBy = z.enum(['none', 'account', 'operation', 'purpose'])
export type TotalsBy = z.infer<typeof TotalsBy>

/** Which days are added up, by what; it lives in the URL. */
export const DailySearch = z.object({
  from: day,
  to: day,
  by: TotalsBy.optional().catch(undefined),
  zone: reportingZone,
  currency: z.string().length(3).optional().catch(undefined),
  account: z.string().min(1).max(64).optional().catch(undefined),
  type: AccountType.optional().catch(undefined),
})
export type DailySearch = z.infer<typeof DailySearch>

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
