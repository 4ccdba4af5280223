import { VerificationList } from '@micropay/schemas/api/audit'
import { queryOptions } from '@tanstack/react-query'
import type { Client } from '../../api/client.ts'

/** What the newest verifications say of the log, and those that were made, newest first. */
export function verificationsQuery(client: Client) {
  return queryOptions({
    queryKey: ['audit', 'verifications'] as const,
    queryFn: ({ signal }) => client.read('/v1/audit/verifications?limit=10', VerificationList, signal),
    refetchInterval: 10_000,
    retry: false,
  })
}
