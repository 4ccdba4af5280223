import assert from 'node:assert/strict'
import type { AccountDecided, FrozenDirection, OpenAccount, OverdraftLimit } from '@micropay/schemas/api/account'
import { dayIn } from '@micropay/schemas/days'
import type { AccountId, OwnerId } from '@micropay/schemas/identifiers'
import type { LedgerEvent } from '@micropay/schemas/log/event'
import { ACCOUNT_KEY_GENERATION, broughtRule } from '@micropay/schemas/log/generations'
import { formatMinor } from '@micropay/schemas/money'
import { type AccountState, accountOf, type StoredAccount, storedOf } from './account-state.ts'
import {
  accepted,
  asItIs,
  type CommandRule,
  type CommitFacts,
  type Decided,
  type Decision,
  type DecisionFacts,
  eventOf,
  type Folds,
  type LedgerView,
  type Put,
  put,
  rejected,
  stateTable,
} from './ledger.ts'
import { zoneOf } from './period.ts'

/** An account among those of all tenants, as one text: each tenant has ids of its own. Made by `accountKey` alone. */
export type AccountKey = string & { readonly [isAccountKey]: true }
declare const isAccountKey: unique symbol

/** Made once for a leg, and not by every layer that it is looked up in. Neither part holds a line break. */
export function accountKey(tenant: string, accountId: AccountId): AccountKey {
  return `${tenant}\n${accountId}` as AccountKey
}

export const accounts = stateTable('accounts', (key: AccountKey) => key, { encode: storedOf, decode: accountOf })
/** The ids that some tenant has: one name space for all, until each has its own. */
export const accountIds = stateTable('account-ids', (accountId: AccountId) => accountId, asItIs<true>())
export const accountTables = [accounts, accountIds]

type Opening = OpenAccount & { readonly accountId: AccountId }
type StatusChange = { readonly accountId: AccountId; readonly reason?: string | undefined }
type Freezing = StatusChange & { readonly direction?: FrozenDirection | undefined }
/** The account as it stood after the command. */
type AccountKept = { readonly account: StoredAccount }

/** Of each command that changes an account: it is about that account, and answers how it stands after it. */
export const changed = {
  place: (data) => data.accountId,
  answer: (_, kept) => accountDecided(kept),
} satisfies Omit<CommandRule<StatusChange, AccountKept, AccountDecided>, 'decide'>

export const accountCommands = {
  OpenAccount: {
    place: (data) => data.accountId,
    decide: decideOpenAccount,
    keep: keepAfter('AccountOpened'),
    answer: (_, kept) => accountDecided(kept),
  } satisfies CommandRule<Opening, AccountKept, AccountDecided>,
  FreezeAccount: { ...changed, decide: decideFreezeAccount, keep: keepAfter('AccountFrozen') },
  UnfreezeAccount: { ...changed, decide: decideUnfreezeAccount, keep: keepAfter('AccountUnfrozen') },
  CloseAccount: { ...changed, decide: decideCloseAccount, keep: keepAfter('AccountClosed') },
}

type StatusEvent = 'AccountOpened' | 'AccountFrozen' | 'AccountUnfrozen' | 'AccountClosed'

export const accountEvents: Folds<StatusEvent> = {
  AccountOpened({ path, openedOn, personal, ...data }, ledger, { tenant }) {
    const { accountId } = data
    assert(!ledger.read(accounts, accountKey(tenant, accountId)), `${accountId} was opened twice`)
    const given = present({ path, openedOn, ...personal?.data })
    const account = putAccount({ ...data, ...given, tenant, status: 'open', balanceMinor: 0n })
    return [account, put(accountIds, accountId, true)]
  },
  AccountFrozen({ accountId, direction }, ledger, { tenant }) {
    return [putChanged(ledger, tenant, accountId, (account) => ({ ...account, status: 'frozen', frozen: direction }))]
  },
  AccountUnfrozen({ accountId }, ledger, { tenant }) {
    return [putChanged(ledger, tenant, accountId, ({ frozen: _, ...account }) => ({ ...account, status: 'open' }))]
  },
  AccountClosed({ accountId }, ledger, { tenant }) {
    return [putChanged(ledger, tenant, accountId, (account) => ({ ...account, status: 'closed' }))]
  },
}

export function putAccount(account: AccountState): Put {
  return put(accounts, accountKey(account.tenant, account.accountId), account)
}

/** The account that an event of a tenant names, as it stands after a change of it. */
export function putChanged(
  ledger: LedgerView,
  tenant: string,
  accountId: AccountId,
  change: (account: AccountState) => AccountState,
): Put {
  const key = accountKey(tenant, accountId)
  return put(accounts, key, change(knownAccount(ledger, key, accountId)))
}

/** The account that an event names: a log that names one which was never opened is a bug. */
export function knownAccount(ledger: LedgerView, key: AccountKey, accountId: AccountId): AccountState {
  const account = ledger.read(accounts, key)
  assert(account, `an event names the account ${accountId}, which was never opened`)
  return account
}

/** Why an account that is not open stops money, and what to do, for those who may know. */
export function stoppedWords({ accountId, status, frozen }: AccountState): string {
  if (status === 'closed') return `${accountId} is closed for good: use another account`
  const outgoing = `${accountId} is frozen for what leaves it: nothing does until an operator unfreezes it`
  const all = `${accountId} is frozen: nothing leaves or reaches it until an operator unfreezes it`
  return frozen === 'outgoing' ? outgoing : all
}

/** Whether the account's status stops what leaves it, or what reaches it. */
export function stops({ status, frozen }: AccountState, isOutgoing: boolean): boolean {
  return status === 'closed' || (status === 'frozen' && (isOutgoing || frozen !== 'outgoing'))
}

/** The account of that id which the caller's tenant has: those of other tenants do not exist for them. */
export function visibleAccount(
  ledger: LedgerView,
  accountId: AccountId,
  { tenant, elsewhere }: DecisionFacts,
): AccountState | undefined {
  if (elsewhere?.accountId === accountId) return elsewhere.account
  return ledger.read(accounts, accountKey(tenant, accountId))
}

/** A new account at zero. Customers may not go below zero unless a limit says so; other types have no limit. */
function decideOpenAccount(data: Opening, ledger: LedgerView, facts: DecisionFacts): Decision {
  if (isTaken(data.accountId, ledger, facts)) {
    return rejected('account_exists', `the id ${data.accountId} is taken: choose another one`, '/accountId')
  }
  const { accountId, type, currency, owner, name, path, ownerReference, openedOn } = data
  const today = dayIn(zoneOf(ledger, facts.tenant), facts.decidedAt)
  if (openedOn !== undefined && openedOn > today && facts.generation >= broughtRule('opening_in_future')) {
    const detail = `today is ${today}, and ${openedOn} has not come: leave openedOn out, and it is open from now on`
    return rejected('opening_in_future', detail, '/openedOn')
  }
  const overdraftLimit: OverdraftLimit = data.overdraftLimit ?? (type === 'customer' ? '0' : 'unlimited')
  return accepted({
    type: 'AccountOpened',
    version: 2,
    data: {
      ...{ accountId, type, currency, owner },
      ...(path === undefined ? {} : { path }),
      overdraftLimit,
      ...(openedOn === undefined ? {} : { openedOn }),
      ...personalOf(owner, { name, ownerReference }),
    },
  })
}

/** Readers of earlier generations know an account by its id alone, so there no two tenants may have the same one. */
function isTaken(accountId: AccountId, ledger: LedgerView, facts: DecisionFacts): boolean {
  if (facts.generation < ACCOUNT_KEY_GENERATION) return ledger.read(accountIds, accountId) !== undefined
  return visibleAccount(ledger, accountId, facts) !== undefined
}

/** A frozen account neither pays nor is paid, or only does not pay: freezing it the other way changes which. */
function decideFreezeAccount(data: Freezing, ledger: LedgerView, facts: DecisionFacts): Decision {
  const { direction = 'all' } = data
  const account = visibleAccount(ledger, data.accountId, facts)
  if (!account) return notFound(data.accountId)
  if (account.status === 'closed') return rejected('account_closed', `${account.accountId} is closed for good`)
  if (account.status === 'frozen' && account.frozen === direction) {
    const what = direction === 'all' ? 'frozen' : 'frozen for what leaves it'
    return rejected('account_frozen', `${account.accountId} is ${what} already`)
  }
  const { accountId, ...why } = changeOf(data, account)
  return accepted({ type: 'AccountFrozen', version: 2, data: { accountId, direction, ...why } })
}

function decideUnfreezeAccount(data: StatusChange, ledger: LedgerView, facts: DecisionFacts): Decision {
  const account = visibleAccount(ledger, data.accountId, facts)
  if (!account) return notFound(data.accountId)
  if (account.status === 'closed') return rejected('account_closed', `${account.accountId} is closed for good`)
  if (account.status !== 'frozen')
    return rejected('account_not_frozen', `${account.accountId} is not frozen: nothing to undo`)
  return accepted({ type: 'AccountUnfrozen', version: 2, data: changeOf(data, account) })
}

/** Only an account at zero can be closed, and it stays closed. */
function decideCloseAccount(data: StatusChange, ledger: LedgerView, facts: DecisionFacts): Decision {
  const account = visibleAccount(ledger, data.accountId, facts)
  if (!account) return notFound(data.accountId)
  if (account.status === 'closed') return rejected('account_closed', `${account.accountId} is closed already`)
  if (account.status === 'frozen')
    return rejected('account_frozen', `${account.accountId} is frozen: unfreeze it first`)
  if (account.balanceMinor !== 0n) {
    const balance = `${formatMinor(account.balanceMinor, account.currency)} ${account.currency}`
    return rejected('account_not_empty', `${account.accountId} stands at ${balance}: move that first`)
  }
  if (account.heldMinor || account.dueMinor) {
    return rejected(
      'account_not_empty',
      `payments are under way on ${account.accountId}: wait for them, or cancel them`,
    )
  }
  return accepted({ type: 'AccountClosed', version: 2, data: changeOf(data, account) })
}

export function notFound(accountId: AccountState['accountId']): Decision {
  return rejected('account_not_found', `there is no account ${accountId}`)
}

function changeOf({ accountId, reason }: StatusChange, { owner }: AccountState) {
  return { accountId, ...personalOf(owner, { reason }) }
}

type Texts = Readonly<Record<string, string | null | undefined>>
type Present<Values> = { [Name in keyof Values]?: Exclude<Values[Name], undefined> }

/** What is said of an owner in an event, apart from all else; nothing where no text was given. */
export function personalOf<Data extends Texts>(subject: OwnerId, texts: Data) {
  const data = present(texts)
  return Object.keys(data).length === 0 ? {} : { personal: { subject, form: 'plain' as const, data } }
}

/** The members that have a value. */
export function present<Values extends object>(values: Values): Present<Values> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<Values>
}

type AccountEvent = StatusEvent | 'AccountChanged' | 'AccountFlagSet'

/** Keeps the account as it stands after the event of that type, for the answer. */
export function keepAfter(type: AccountEvent) {
  return (events: readonly LedgerEvent[], after: LedgerView, { tenant }: CommitFacts): AccountKept | undefined => {
    const accountId = eventOf(events, type)?.data.accountId
    return accountId && { account: storedOf(knownAccount(after, accountKey(tenant, accountId), accountId)) }
  }
}

function accountDecided({ account, decidedAt }: Decided & Partial<AccountKept>): AccountDecided {
  assert(account, 'an accepted account command leaves an account')
  const { accountId, type, currency, owner, overdraftLimit, status } = account
  const { name, path, frozen, ownerReference, openedOn, receivesFromCustomers } = account
  return {
    ...{ accountId, type, currency, owner },
    ...present({ name, path }),
    ...{ overdraftLimit, status },
    ...present({ frozen, ownerReference, openedOn, receivesFromCustomers }),
    decidedAt,
  }
}
