import { Account } from '@micropay/schemas/api/account'
import { queryOptions } from '@tanstack/react-query'
import type { Client } from '../../api/client.ts'

export function accountKey(accountId: string) {
  return ['accounts', 'one', accountId] as const
}

export function accountQuery(client: Client, accountId: string) {
  return queryOptions({
    queryKey: accountKey(accountId),
    queryFn: ({ signal }) => client.read(`/v1/accounts/${encodeURIComponent(accountId)}`, Account, signal),
  })
}
