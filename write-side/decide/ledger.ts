import type { AccountPath } from '@micropay/schemas/account-path'
import type { AccountType } from '@micropay/schemas/account-type'
import type { AccountStatus, OpenAccount, OverdraftLimit } from '@micropay/schemas/api/account'
import type { MakePayment } from '@micropay/schemas/api/payment'
import type { AccountId, OwnerId, PaymentId } from '@micropay/schemas/identifiers'
import type { ImportedStatement, LedgerEvent } from '@micropay/schemas/log/event'
import type { Rejection, RejectionCode } from '@micropay/schemas/log/rejection'
import type { CurrencyCode } from '@micropay/schemas/money'

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
  readonly balanceMinor: bigint
}

/** An account that somebody saved under a name of their own. */
export type SavedPayee = { readonly alias: string; readonly accountId: AccountId }

/** What a decision may look at: the accounts of one partition as all earlier commits left them. */
export type LedgerView = {
  account(accountId: AccountId): AccountState | undefined
  /** Where an account's statement of that id was imported, if it was. */
  statement(accountId: AccountId, statementId: string): number | undefined
  /** Of which account of ours the latest statement of that account at a bank was imported: a bank may hold several currencies under one number. */
  bankAccount(tenant: string, iban: string, currency: string): AccountId | undefined
  /** In the order in which they were saved. */
  payees(tenant: string, owner: string): readonly SavedPayee[]
}

type AccountChange = { readonly accountId: AccountId; readonly reason?: string | undefined }

export type LedgerCommand =
  | { readonly type: 'OpenAccount'; readonly data: OpenAccount & { readonly accountId: AccountId } }
  | { readonly type: 'FreezeAccount'; readonly data: AccountChange }
  | { readonly type: 'UnfreezeAccount'; readonly data: AccountChange }
  | { readonly type: 'CloseAccount'; readonly data: AccountChange }
  | { readonly type: 'MakePayment'; readonly data: Omit<MakePayment, 'dryRun'> }
  | { readonly type: 'ImportStatement'; readonly data: ImportedStatement }
  | { readonly type: 'SavePayee'; readonly data: SavedPayee & { readonly owner: OwnerId } }
  | { readonly type: 'RemovePayee'; readonly data: { readonly owner: OwnerId; readonly alias: string } }
export type CommandOf<Type extends LedgerCommand['type']> = Extract<LedgerCommand, { type: Type }>

/** What comes with a command from outside the decision: who gave it, when it is decided, and the id that it would get. */
export type DecisionFacts = {
  readonly tenant: string
  readonly subject: string
  /** The caller may book payments between any accounts, not only from accounts of their own. */
  readonly mayBook: boolean
  readonly decidedAt: string
  readonly paymentId: PaymentId
}

export type Decision =
  | { readonly kind: 'accepted'; readonly events: readonly LedgerEvent[] }
  | ({ readonly kind: 'rejected' } & Rejection)

export function accepted(...events: LedgerEvent[]): Decision {
  return { kind: 'accepted', events }
}

export function rejected(code: RejectionCode, detail: string, pointer?: string): Decision {
  return { kind: 'rejected', code, detail, ...(pointer === undefined ? {} : { pointer }) }
}

/** The account, if it exists and belongs to the caller's tenant: another tenant's accounts do not exist for them. */
export function visibleAccount(
  ledger: LedgerView,
  accountId: AccountId,
  facts: DecisionFacts,
): AccountState | undefined {
  const account = ledger.account(accountId)
  return account?.tenant === facts.tenant ? account : undefined
}
