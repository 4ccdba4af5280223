import { PaymentWithRefunds } from '@micropay/schemas/api/payment'
import { queryOptions } from '@tanstack/react-query'
import type { Client } from '../../api/client.ts'

/** A payment never changes once it is decided, but what was given back of it does. */
export function paymentQuery(client: Client, paymentId: string) {
  return queryOptions({
    queryKey: ['payments', 'one', paymentId] as const,
    queryFn: ({ signal }) => client.read(`/v1/payments/${encodeURIComponent(paymentId)}`, PaymentWithRefunds, signal),
  })
}
