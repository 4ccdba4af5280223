import type { AccountPath } from '@micropay/schemas/account-path'
import type { AccountType } from '@micropay/schemas/account-type'
import type { AccountStatus, FrozenDirection, OverdraftLimit } from '@micropay/schemas/api/account'
import type { AccountId, OwnerId } from '@micropay/schemas/identifiers'
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
  /** While it is frozen. */
  readonly frozen?: FrozenDirection
  readonly ownerReference?: string
  readonly openedOn?: string
  /** An account of the house that customers may pay. */
  readonly receivesFromCustomers?: true
  readonly balanceMinor: bigint
  /** What payments that are under way have promised to take out of it, and to bring; absent where there is nothing. */
  readonly heldMinor?: bigint
  readonly dueMinor?: bigint
}
type Sums = 'balanceMinor' | 'heldMinor' | 'dueMinor'
/** As it stands on disk. */
export type StoredAccount = Omit<AccountState, Sums> & {
  readonly balanceMinor: string
  readonly heldMinor?: string
  readonly dueMinor?: string
}

export function accountOf({ balanceMinor, heldMinor, dueMinor, ...stored }: StoredAccount): AccountState {
  return {
    ...stored,
    balanceMinor: BigInt(balanceMinor),
    ...(heldMinor === undefined ? {} : { heldMinor: BigInt(heldMinor) }),
    ...(dueMinor === undefined ? {} : { dueMinor: BigInt(dueMinor) }),
  }
}

export function storedOf({ balanceMinor, heldMinor, dueMinor, ...account }: AccountState): StoredAccount {
  return {
    ...account,
    balanceMinor: balanceMinor.toString(),
    ...(heldMinor === undefined ? {} : { heldMinor: heldMinor.toString() }),
    ...(dueMinor === undefined ? {} : { dueMinor: dueMinor.toString() }),
  }
}
