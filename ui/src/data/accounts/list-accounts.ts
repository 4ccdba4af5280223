import { AccountType } from '@micropay/schemas/account-type'
import { AccountPage, AccountStatus } from '@micropay/schemas/api/account'
import { infiniteQueryOptions } from '@tanstack/react-query'
import { z } from 'zod'
import type { Client } from '../../api/client.ts'
import { pathWith } from '../../api/path.ts'

/** What GET /v1/accounts can be asked for; it lives in the URL of the pages that list accounts. */
export const AccountFilter = z.object({
  owner: z.string().min(1).optional().catch(undefined),
  type: AccountType.optional().catch(undefined),
  currency: z.string().length(3).optional().catch(undefined),
  status: AccountStatus.optional().catch(undefined),
})
export type AccountFilter = z.infer<typeof AccountFilter>

export const accountListsKey = ['accounts', 'list'] as const

/** The file of the same filter. */
export function accountsCsvPath(filter: AccountFilter): string {
  return pathWith('/v1/accounts.csv', filter)
}

export function accountsQuery(client: Client, filter: AccountFilter = {}, limit = 50) {
  return infiniteQueryOptions({
    queryKey: [...accountListsKey, filter, limit] as const,
    queryFn: ({ pageParam, signal }) =>
      client.read(pathWith('/v1/accounts', { ...filter, limit, cursor: pageParam }), AccountPage, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.value.next ?? undefined,
  })
}
