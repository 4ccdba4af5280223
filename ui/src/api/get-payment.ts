import { Payment } from '@micropay/schemas/payment'
import { queryOptions } from '@tanstack/react-query'
import type { Client } from './client.ts'

/** A payment never changes once it is decided, so it is read once. */
export function paymentQuery(client: Client, paymentId: string) {
  return queryOptions({
    queryKey: ['payments', 'one', paymentId] as const,
    queryFn: ({ signal }) => client.read(`/v1/payments/${encodeURIComponent(paymentId)}`, Payment, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })
}
