import assert from 'node:assert/strict'
import type { AccountPath } from '@micropay/schemas/account-path'
import type { AccountType } from '@micropay/schemas/account-type'
import type {
  AccountDecided,
  AccountStatus,
  FrozenDirection,
  OpenAccount,
  OverdraftLimit,
} from '@micropay/schemas/api/account'
import type { AccountId, OwnerId } from '@micropay/schemas/identifiers'
import type { LedgerEvent } from '@micropay/schemas/log/event'
import { type CurrencyCode, formatMinor } from '@micropay/schemas/money'
import {
  accepted,
  type CommandRule,
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

/** An account as decisions see it; `balanceMinor` is positive for money that the house owes its owner. */
export type AccountState = {
  readonly accountId: AccountId
  readonly tenant: string
  readonly type: AccountType
  readonly currency: CurrencyCode
  readonly owner: OwnerId
  readonly name?: string
  readonly path?: AccountPath
  /** The bank's own number, from the first statement that was imported. */
  readonly iban?: string
  readonly overdraftLimit: OverdraftLimit
  readonly status: AccountStatus
  /** While it is frozen. */
  readonly frozen?: FrozenDirection
  readonly ownerReference?: string
  readonly openedOn?: string
  /** An account of the house that customers may pay. */
  readonly receivesFromCustomers?: true
  readonly balanceMinor: bigint
}
type StoredAccount = Omit<AccountState, 'balanceMinor'> & { readonly balanceMinor: string }

export const accounts = stateTable('accounts', (accountId: AccountId) => accountId, {
  encode: storedOf,
  decode: (stored: StoredAccount): AccountState => ({ ...stored, balanceMinor: BigInt(stored.balanceMinor) }),
})
export const accountTables = [accounts]

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
    assert(!ledger.read(accounts, data.accountId), `${data.accountId} was opened twice`)
    const given = present({ path, openedOn, ...personal?.data })
    return [putAccount({ ...data, ...given, tenant, status: 'open', balanceMinor: 0n })]
  },
  AccountFrozen({ accountId, direction }, ledger) {
    return [putAccount({ ...knownAccount(ledger, accountId), status: 'frozen', frozen: direction })]
  },
  AccountUnfrozen({ accountId }, ledger) {
    const { frozen: _, ...account } = knownAccount(ledger, accountId)
    return [putAccount({ ...account, status: 'open' })]
  },
  AccountClosed: ({ accountId }, ledger) => [putAccount({ ...knownAccount(ledger, accountId), status: 'closed' })],
}

export function putAccount(account: AccountState): Put {
  return put(accounts, account.accountId, account)
}

/** The account that an event names: a log that names one which was never opened is a bug. */
export function knownAccount(ledger: LedgerView, accountId: AccountId): AccountState {
  const account = ledger.read(accounts, accountId)
  assert(account, `an event names the account ${accountId}, which was never opened`)
  return account
}

/** Whether the account's status stops what leaves it, or what reaches it. */
export function stops({ status, frozen }: AccountState, isOutgoing: boolean): boolean {
  return status === 'closed' || (status === 'frozen' && (isOutgoing || frozen !== 'outgoing'))
}

/** The account, if it exists and belongs to the caller's tenant: another tenant's accounts do not exist for them. */
export function visibleAccount(
  ledger: LedgerView,
  accountId: AccountId,
  facts: DecisionFacts,
): AccountState | undefined {
  const account = ledger.read(accounts, accountId)
  return account?.tenant === facts.tenant ? account : undefined
}

/** A new account at zero. Customers may not go below zero unless a limit says so; other types have no limit. */
function decideOpenAccount(data: Opening, ledger: LedgerView): Decision {
  if (ledger.read(accounts, data.accountId)) {
    return rejected('account_exists', `the id ${data.accountId} is taken: choose another one`, '/accountId')
  }
  const { accountId, type, currency, owner, name, path, ownerReference, openedOn } = data
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
  return (events: readonly LedgerEvent[], after: LedgerView): AccountKept | undefined => {
    const event = eventOf(events, type)
    return event && { account: storedOf(knownAccount(after, event.data.accountId)) }
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

function storedOf(account: AccountState): StoredAccount {
  return { ...account, balanceMinor: account.balanceMinor.toString() }
}
