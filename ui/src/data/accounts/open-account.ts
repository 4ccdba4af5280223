import type { AccountType } from '@micropay/schemas/account-type'
import { AccountDecided } from '@micropay/schemas/api/account'
import type { Client, Decided } from '../../api/client.ts'

export type OpenAccountRequest = {
  readonly accountId?: string
  readonly type: AccountType
  readonly currency: string
  readonly owner: string
  readonly name?: string
  readonly path?: string
  readonly overdraftLimit?: string
  readonly ownerReference?: string
  readonly openedOn?: string
}

export function openAccount(client: Client, body: OpenAccountRequest, key: string): Promise<Decided<AccountDecided>> {
  return client.command({ path: '/v1/accounts', body, idempotencyKey: key, schema: AccountDecided })
}
