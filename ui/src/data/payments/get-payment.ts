import { PaymentWithRefunds } from '@micropay/schemas/api/payment'
import { queryOptions } from '@tanstack/react-query'
import type { Client } from '../../api/client.ts'

/** One that is under way is asked for until it is decided; of one that is, what was given back may still change. */
export function paymentQuery(client: Client, paymentId: string) {
  return queryOptions({
    queryKey: ['payments', 'one', paymentId] as const,
    queryFn: ({ signal }) => client.read(`/v1/payments/${encodeURIComponent(paymentId)}`, PaymentWithRefunds, signal),
    refetchInterval: ({ state }) => (state.data?.value.status === 'pending' ? EVERY_MS : false),
  })
}

const EVERY_MS = 1_000
