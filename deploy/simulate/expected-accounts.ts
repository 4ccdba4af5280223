import { ACCOUNT_KEY_GENERATION } from '@micropay/schemas/log/generations'
import type { LedgerCommand } from '@micropay/write-side/decide/decide'
import type { Asked } from './asked.ts'
import { isBrought } from './expected-fold.ts'
import type { ExpectedPeriods } from './expected-periods.ts'

/** What is known of an account, by a second opinion. */
export type ExpectedAccount = {
  readonly currency: string
  readonly isOfCustomer: boolean
  readonly openedOn: string | undefined
  lowestMinor: bigint | undefined
  status: 'open' | 'frozen' | 'closed'
  /** Of a frozen one: only what leaves it is stopped. */
  onlyOutgoing: boolean
  balanceMinor: bigint
}
export type Accounts = Map<string, ExpectedAccount>
/** An account as one tenant sees it: those of others are not there. */
export type Visible = (accountId: string) => ExpectedAccount | undefined

type About<Type extends LedgerCommand['type']> = Extract<LedgerCommand, { type: Type }>
export type AccountCommand = About<
  'OpenAccount' | 'FreezeAccount' | 'UnfreezeAccount' | 'CloseAccount' | 'ChangeAccount' | 'SetAccountFlag'
>

/** Each tenant has ids of its own. */
export function accountOf(accounts: Accounts, tenant: string, accountId: string): ExpectedAccount | undefined {
  return accounts.get(keyOf(tenant, accountId))
}

function keyOf(tenant: string, accountId: string): string {
  return `${tenant} ${accountId}`
}

/** Before ids were the tenant's own, they were one name space for all. */
function isTaken(accounts: Accounts, { tenant, generation }: Asked, accountId: string): boolean {
  if (generation >= ACCOUNT_KEY_GENERATION) return accounts.has(keyOf(tenant, accountId))
  return accounts.keys().some((key) => key.endsWith(` ${accountId}`))
}

export function outcomeOfAccount(
  command: AccountCommand,
  accounts: Accounts,
  asked: Asked,
  periods: ExpectedPeriods,
): string {
  const { accountId } = command.data
  if (command.type === 'OpenAccount') {
    const { tenant, decidedAt, generation } = asked
    if (isTaken(accounts, asked, accountId)) return 'account_exists'
    const { openedOn } = command.data
    const isLater = openedOn !== undefined && periods.isAfterToday(openedOn, tenant, decidedAt)
    return isLater && isBrought('opening_in_future', generation) ? 'opening_in_future' : 'accepted'
  }
  const account = accountOf(accounts, asked.tenant, accountId)
  if (!account) return 'account_not_found'
  const { status, onlyOutgoing, balanceMinor, isOfCustomer } = account
  if (status === 'closed') return 'account_closed'
  if (command.type === 'ChangeAccount') return 'accepted'
  if (command.type === 'SetAccountFlag') return isOfCustomer ? 'account_not_of_house' : 'accepted'
  if (command.type === 'UnfreezeAccount') return status === 'frozen' ? 'accepted' : 'account_not_frozen'
  if (command.type === 'FreezeAccount') {
    const isSo = status === 'frozen' && onlyOutgoing === (command.data.direction === 'outgoing')
    return isSo ? 'account_frozen' : 'accepted'
  }
  if (status === 'frozen') return 'account_frozen'
  return balanceMinor === 0n ? 'accepted' : 'account_not_empty'
}

export function applyToAccount(command: AccountCommand, accounts: Accounts, tenant: string): void {
  if (command.type === 'OpenAccount') {
    const { accountId, currency, type, openedOn, overdraftLimit } = command.data
    const isOfCustomer = type === 'customer'
    const lowestMinor = lowest(overdraftLimit ?? (isOfCustomer ? '0' : 'unlimited'))
    const fresh = { status: 'open', onlyOutgoing: false, balanceMinor: 0n } as const
    accounts.set(keyOf(tenant, accountId), { currency, isOfCustomer, openedOn, lowestMinor, ...fresh })
    return
  }
  const account = accountOf(accounts, tenant, command.data.accountId)
  if (!account) return
  if (command.type === 'FreezeAccount') {
    account.status = 'frozen'
    account.onlyOutgoing = command.data.direction === 'outgoing'
  }
  if (command.type === 'UnfreezeAccount') account.status = 'open'
  if (command.type === 'CloseAccount') account.status = 'closed'
  if (command.type === 'ChangeAccount' && command.data.overdraftLimit !== undefined) {
    account.lowestMinor = lowest(command.data.overdraftLimit)
  }
}

function lowest(overdraftLimit: string): bigint | undefined {
  return overdraftLimit === 'unlimited' ? undefined : -BigInt(overdraftLimit)
}
