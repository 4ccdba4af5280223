import { PaymentPage } from '@micropay/schemas/api/payment'
import { infiniteQueryOptions } from '@tanstack/react-query'
import { z } from 'zod'
import type { Client } from '../../api/client.ts'
import { pathWith } from '../../api/path.ts'
import { SearchFilter, searchParameters } from '../search/search-filter.ts'

/** What GET /v1/payments can be asked for; it lives in the URL of the page that lists payments. */
export const PaymentFilter = SearchFilter.extend({
  account: z.string().min(1).optional().catch(undefined),
  status: z.enum(['pending', 'posted', 'rejected']).optional().catch(undefined),
})
export type PaymentFilter = z.infer<typeof PaymentFilter>

export const paymentListsKey = ['payments', 'list'] as const

export function paymentsQuery(client: Client, filter: PaymentFilter = {}, limit = 50) {
  return infiniteQueryOptions({
    queryKey: [...paymentListsKey, filter, limit] as const,
    queryFn: ({ pageParam, signal }) => {
      const path = pathWith('/v1/payments', { ...searchParameters(filter), limit, cursor: pageParam })
      return client.read(path, PaymentPage, signal)
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.value.next ?? undefined,
  })
}

/** The file of the same search. */
export function paymentsCsvPath(filter: PaymentFilter): string {
  return pathWith('/v1/payments.csv', searchParameters(filter))
}
