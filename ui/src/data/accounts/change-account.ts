import { AccountDecided, type ChangeAccount, type FrozenDirection } from '@micropay/schemas/api/account'
import type { Client, Decided } from '../../api/client.ts'

/** What can be done to an account as it stands. */
export type AccountAction = 'freeze' | 'unfreeze' | 'close' | 'take-payments' | 'refuse-payments'

/** What is asked: an action, or other details. */
export type AccountRequest = { readonly accountId: string } & (
  | { readonly action: AccountAction; readonly reason?: string; readonly direction?: FrozenDirection }
  | { readonly details: ChangeAccount }
)

type Options = { readonly key: string; readonly dryRun?: boolean }

/** Changes an account, or with `dryRun` says what that would do. */
export function changeAccount(
  client: Client,
  request: AccountRequest,
  { key, dryRun }: Options,
): Promise<Decided<AccountDecided>> {
  const { verb, ...said } = askedOf(request)
  return client.command({
    path: `/v1/accounts/${encodeURIComponent(request.accountId)}/${verb}`,
    body: { ...said, ...(dryRun ? { dryRun } : {}) },
    idempotencyKey: key,
    schema: AccountDecided,
  })
}

function askedOf(request: AccountRequest): Readonly<Record<string, unknown>> & { readonly verb: string } {
  if ('details' in request) return { verb: 'change', ...request.details }
  const { action, reason, direction } = request
  if (action === 'take-payments' || action === 'refuse-payments') {
    return { verb: 'flag', flag: 'receivesFromCustomers', value: action === 'take-payments' }
  }
  return { verb: action, ...(reason ? { reason } : {}), ...(direction ? { direction } : {}) }
}
