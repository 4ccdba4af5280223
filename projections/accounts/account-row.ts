import { defaultPathOf } from '@micropay/schemas/account-path'
import type { Commit } from '@micropay/schemas/log/commit'
import type { EventOf } from '@micropay/schemas/log/event'
import type { NewAccount } from './tables.ts'

type Place = Pick<Commit, 'tenant' | 'seq' | 'decidedAt'> & { readonly partition: number }

/** The row of an account as it is opened. */
export function openedAccount(data: EventOf<'AccountOpened'>['data'], at: Place): NewAccount {
  return {
    account_id: data.accountId,
    partition: at.partition,
    tenant: at.tenant,
    type: data.type,
    currency: data.currency,
    owner: data.owner,
    name: data.personal?.data.name ?? null,
    owner_reference: data.personal?.data.ownerReference ?? null,
    path: data.path ?? defaultPathOf(data.type, data.currency),
    overdraft_limit: limitOf(data.overdraftLimit),
    status: 'open',
    frozen: null,
    paid_by: data.type === 'customer' ? 'customers' : 'staff',
    opened_on: data.openedOn ?? null,
    balance_minor: 0n,
    held_minor: 0n,
    due_minor: 0n,
    forced_at: null,
    opened_at: at.decidedAt,
    changed_at: at.decidedAt,
    changed_seq: BigInt(at.seq),
  }
}

type Change = 'AccountFrozen' | 'AccountUnfrozen' | 'AccountClosed' | 'AccountChanged' | 'AccountFlagSet'

/** Changes the row as the event says. */
export function changeAccount(account: NewAccount, event: EventOf<Change>): void {
  switch (event.type) {
    case 'AccountFrozen':
      account.status = 'frozen'
      account.frozen = event.data.direction
      return
    case 'AccountUnfrozen':
      account.status = 'open'
      account.frozen = null
      return
    case 'AccountClosed':
      account.status = 'closed'
      return
    case 'AccountChanged':
      changeDetails(account, event.data)
      settleLimit(account)
      return
    case 'AccountFlagSet':
      account.paid_by = event.data.value ? 'customers' : 'staff'
  }
}

/** What an event does not say stays as it was; null takes it away. */
function changeDetails(account: NewAccount, data: EventOf<'AccountChanged'>['data']): void {
  const { name, ownerReference } = data.personal?.data ?? {}
  if (name !== undefined) account.name = name
  if (ownerReference !== undefined) account.owner_reference = ownerReference
  if (data.path !== undefined) account.path = data.path ?? defaultPathOf(account.type, account.currency)
  if (data.overdraftLimit !== undefined) account.overdraft_limit = limitOf(data.overdraftLimit)
}

/** Less is available on it than its limit allows. */
export function isBelowLimit({ balance_minor, held_minor, overdraft_limit }: NewAccount): boolean {
  return overdraft_limit !== null && balance_minor - held_minor < -overdraft_limit
}

/** What a forced posting has left below its limit is settled once it is within it again. */
export function settleLimit(account: NewAccount): void {
  if (account.forced_at !== null && !isBelowLimit(account)) account.forced_at = null
}

function limitOf(overdraftLimit: string): bigint | null {
  return overdraftLimit === 'unlimited' ? null : BigInt(overdraftLimit)
}
