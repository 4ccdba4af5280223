import type { OverdraftLimit } from '@micropay/schemas/api/account'
import { formatMinor } from '@micropay/schemas/money'
import {
  type AccountState,
  accepted,
  type CommandOf,
  type Decision,
  type DecisionFacts,
  type LedgerView,
  rejected,
  visibleAccount,
} from './ledger.ts'

/** A new account at zero. Customers may not go below zero unless a limit says so; other types have no limit. */
export function decideOpenAccount({ data }: CommandOf<'OpenAccount'>, ledger: LedgerView): Decision {
  if (ledger.account(data.accountId)) {
    return rejected('account_exists', `the id ${data.accountId} is taken: choose another one`, '/accountId')
  }
  const { accountId, type, currency, owner, name, path } = data
  const overdraftLimit: OverdraftLimit = data.overdraftLimit ?? (type === 'customer' ? '0' : 'unlimited')
  return accepted({
    type: 'AccountOpened',
    version: 1,
    data: {
      ...{ accountId, type, currency, owner },
      ...(name === undefined ? {} : { name }),
      ...(path === undefined ? {} : { path }),
      overdraftLimit,
    },
  })
}

/** A frozen account neither pays nor is paid. */
export function decideFreezeAccount(
  command: CommandOf<'FreezeAccount'>,
  ledger: LedgerView,
  facts: DecisionFacts,
): Decision {
  const account = visibleAccount(ledger, command.data.accountId, facts)
  if (!account) return notFound(command.data.accountId)
  if (account.status === 'closed') return rejected('account_closed', `${account.accountId} is closed for good`)
  if (account.status === 'frozen') return rejected('account_frozen', `${account.accountId} is frozen already`)
  return accepted({ type: 'AccountFrozen', version: 1, data: changeOf(command) })
}

export function decideUnfreezeAccount(
  command: CommandOf<'UnfreezeAccount'>,
  ledger: LedgerView,
  facts: DecisionFacts,
): Decision {
  const account = visibleAccount(ledger, command.data.accountId, facts)
  if (!account) return notFound(command.data.accountId)
  if (account.status === 'closed') return rejected('account_closed', `${account.accountId} is closed for good`)
  if (account.status !== 'frozen')
    return rejected('account_not_frozen', `${account.accountId} is not frozen: nothing to undo`)
  return accepted({ type: 'AccountUnfrozen', version: 1, data: changeOf(command) })
}

/** Only an account at zero can be closed, and it stays closed. */
export function decideCloseAccount(
  command: CommandOf<'CloseAccount'>,
  ledger: LedgerView,
  facts: DecisionFacts,
): Decision {
  const account = visibleAccount(ledger, command.data.accountId, facts)
  if (!account) return notFound(command.data.accountId)
  if (account.status === 'closed') return rejected('account_closed', `${account.accountId} is closed already`)
  if (account.status === 'frozen')
    return rejected('account_frozen', `${account.accountId} is frozen: unfreeze it first`)
  if (account.balanceMinor !== 0n) {
    const balance = `${formatMinor(account.balanceMinor, account.currency)} ${account.currency}`
    return rejected('account_not_empty', `${account.accountId} stands at ${balance}: move that first`)
  }
  return accepted({ type: 'AccountClosed', version: 1, data: changeOf(command) })
}

function notFound(accountId: AccountState['accountId']): Decision {
  return rejected('account_not_found', `there is no account ${accountId}`)
}

function changeOf({ data }: CommandOf<'FreezeAccount' | 'UnfreezeAccount' | 'CloseAccount'>) {
  return { accountId: data.accountId, ...(data.reason === undefined ? {} : { reason: data.reason }) }
}
