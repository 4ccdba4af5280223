import { AccountDecided } from '@micropay/schemas/api/account'
import type { Client, Decided } from '../../api/client.ts'

export type AccountChange = 'freeze' | 'unfreeze' | 'close'

export type ChangeAccountRequest = {
  readonly accountId: string
  readonly change: AccountChange
  readonly reason?: string
}

type Options = { readonly key: string; readonly dryRun?: boolean }

/** Freezes, unfreezes or closes an account, or with `dryRun` says what that would do. */
export function changeAccount(
  client: Client,
  { accountId, change, reason }: ChangeAccountRequest,
  { key, dryRun }: Options,
): Promise<Decided<AccountDecided>> {
  return client.command({
    path: `/v1/accounts/${encodeURIComponent(accountId)}/${change}`,
    body: { ...(reason ? { reason } : {}), ...(dryRun ? { dryRun } : {}) },
    idempotencyKey: key,
    schema: AccountDecided,
  })
}
