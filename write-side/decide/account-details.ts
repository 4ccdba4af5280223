import type { ChangeAccount, SetAccountFlag } from '@micropay/schemas/api/account'
import type { AccountId } from '@micropay/schemas/identifiers'
import { changed, keepAfter, notFound, personalOf, present, putChanged, visibleAccount } from './account.ts'
import type { AccountState } from './account-state.ts'
import { accepted, type Decision, type DecisionFacts, type Folds, type LedgerView, rejected } from './ledger.ts'

type Change = Omit<ChangeAccount, 'dryRun'> & { readonly accountId: AccountId }
type Flag = Omit<SetAccountFlag, 'dryRun'> & { readonly accountId: AccountId }

/** What is said of an account beside its status and its money. */
export const accountDetailCommands = {
  ChangeAccount: { ...changed, decide: decideChangeAccount, keep: keepAfter('AccountChanged') },
  SetAccountFlag: { ...changed, decide: decideSetAccountFlag, keep: keepAfter('AccountFlagSet') },
}

export const accountDetailEvents: Folds<'AccountChanged' | 'AccountFlagSet'> = {
  AccountChanged({ accountId, overdraftLimit, path, personal }, ledger, { tenant }) {
    const limit = overdraftLimit === undefined ? {} : { overdraftLimit }
    const change = ({ path: place, name, ownerReference, ...account }: AccountState): AccountState => {
      const details = {
        path: changedTo(path, place),
        name: changedTo(personal?.data.name, name),
        ownerReference: changedTo(personal?.data.ownerReference, ownerReference),
      }
      return { ...account, ...limit, ...present(details) }
    }
    return [putChanged(ledger, tenant, accountId, change)]
  },
  AccountFlagSet({ accountId, flag, value }, ledger, { tenant }) {
    const change = ({ [flag]: _, ...account }: AccountState) =>
      value ? { ...account, [flag]: true as const } : account
    return [putChanged(ledger, tenant, accountId, change)]
  },
}

/** What is not said stays as it was, and null takes it away. */
function changedTo(value: string | null | undefined, before: string | undefined): string | undefined {
  return value === undefined ? before : (value ?? undefined)
}

/**
 * A frozen account can be changed, too. A limit below what is used already is taken: until the account is back within
 * it, nothing leaves it.
 */
function decideChangeAccount(data: Change, ledger: LedgerView, facts: DecisionFacts): Decision {
  const { accountId, overdraftLimit, path, name, ownerReference } = data
  const account = visibleAccount(ledger, accountId, facts)
  if (!account) return notFound(accountId)
  if (account.status === 'closed') return rejected('account_closed', `${accountId} is closed for good`)
  return accepted({
    type: 'AccountChanged',
    version: 1,
    data: {
      accountId,
      ...(overdraftLimit === undefined ? {} : { overdraftLimit }),
      ...(path === undefined ? {} : { path }),
      ...personalOf(account.owner, { name, ownerReference }),
    },
  })
}

/** A customer's account is there to be paid; those of the house are not, until somebody says so. */
function decideSetAccountFlag({ accountId, flag, value }: Flag, ledger: LedgerView, facts: DecisionFacts): Decision {
  const account = visibleAccount(ledger, accountId, facts)
  if (!account) return notFound(accountId)
  if (account.status === 'closed') return rejected('account_closed', `${accountId} is closed for good`)
  if (account.type === 'customer') {
    const detail = `${accountId} is a customer's account, which takes money from customers anyway`
    return rejected('account_not_of_house', detail, '/flag')
  }
  return accepted({ type: 'AccountFlagSet', version: 1, data: { accountId, flag, value } })
}
