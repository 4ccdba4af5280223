import { AccountPage } from '@micropay/schemas/api/account'
import { queryOptions } from '@tanstack/react-query'
import type { Client } from '../../api/client.ts'
import { pathWith } from '../../api/path.ts'

/** The accounts that stand for the world outside. */
export function externalsQuery(client: Client, currency: string | undefined) {
  const path = pathWith('/v1/accounts', { type: 'external', currency, limit: 200 })
  return queryOptions({
    queryKey: ['accounts', 'externals', currency] as const,
    queryFn: ({ signal }) => client.read(path, AccountPage, signal),
  })
}
