import { ParkedDropped, ParkedList, ParkedRetried } from '@micropay/schemas/api/parked'
import { queryOptions } from '@tanstack/react-query'
import type { Client, Decided } from '../../api/client.ts'

export const parkedKey = ['parked'] as const

/** The newest messages that a partition could not handle, asked again every few seconds while somebody looks. */
export function parkedQuery(client: Client) {
  return queryOptions({
    queryKey: parkedKey,
    queryFn: ({ signal }) => client.read('/v1/parked', ParkedList, signal),
    refetchInterval: 3000,
    retry: false,
  })
}

/** Sends it to its partition again. */
export function retryParked(client: Client, id: string, key: string): Promise<Decided<ParkedRetried>> {
  const path = `/v1/parked/${encodeURIComponent(id)}/retry`
  return client.command({ path, body: {}, idempotencyKey: key, schema: ParkedRetried })
}

/** Gives it up. */
export function dropParked(client: Client, id: string, reason: string, key: string): Promise<Decided<ParkedDropped>> {
  const path = `/v1/parked/${encodeURIComponent(id)}/drop`
  return client.command({ path, body: { reason }, idempotencyKey: key, schema: ParkedDropped })
}
