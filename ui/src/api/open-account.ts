import { AccountDecided, type AccountType } from '@micropay/schemas/account'
import type { Client, Decided } from './client.ts'

export type OpenAccountRequest = {
  readonly accountId?: string
  readonly type: AccountType
  readonly currency: string
  readonly owner: string
  readonly name?: string
  readonly path?: string
  readonly overdraftLimit?: string
}

export function openAccount(client: Client, body: OpenAccountRequest, key: string): Promise<Decided<AccountDecided>> {
  return client.command({ path: '/v1/accounts', body, idempotencyKey: key, schema: AccountDecided })
}
