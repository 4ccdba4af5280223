import assert from 'node:assert/strict'
import type { AccountId } from '@micropay/schemas/identifiers'
import { OwnerId } from '@micropay/schemas/identifiers'
import type { Leg } from '@micropay/schemas/log/payment-legs'
import { CurrencyCode } from '@micropay/schemas/money'
import { SUSPENSE_OWNER, suspenseOf } from '@micropay/schemas/suspense'
import { accountKey, accounts, knownAccount } from './account.ts'
import type { AccountState } from './account-state.ts'
import { asItIs, type CommitFacts, type LedgerView, type Put, put, remove, stateTable } from './ledger.ts'

/*
 * What legs do to the accounts that they name.
 */

type TransitKey = { readonly tenant: string; readonly accountId: string }
/** What stands on a transit account of a tenant, in minor units. */
export const transits = stateTable(
  'transits',
  ({ tenant, accountId }: TransitKey) => `${tenant}\n${accountId}`,
  asItIs<string>(),
)

/** Holds what the legs take, and keeps room for what they bring; or, with -1, lets go of both. */
export function putHeld(legs: readonly Leg[], times: bigint, ledger: LedgerView, { tenant }: CommitFacts): Put[] {
  return changeEach(legs, ledger, tenant, (account, minor) => withHeld(account, minor, times))
}

export function putPosted(legs: readonly Leg[], promised: boolean, ledger: LedgerView, { tenant }: CommitFacts): Put[] {
  return changeEach(legs, ledger, tenant, (account, minor) => {
    const free = promised ? withHeld(account, minor, -1n) : account
    return { ...free, balanceMinor: free.balanceMinor + minor }
  })
}

/** The accounts of legs behind a change for each of these, in the order in which they are named. */
function changeEach(
  legs: readonly Leg[],
  ledger: LedgerView,
  tenant: string,
  change: (account: AccountState, minor: bigint) => AccountState,
): Put[] {
  const changed = new Map<AccountId, AccountState>()
  for (const { account: id, amount } of legs) {
    const account = changed.get(id) ?? accountNamed(id, ledger, tenant)
    changed.set(id, change(account, BigInt(amount)))
  }
  return Array.from(changed, ([id, account]) => put(accounts, accountKey(tenant, id), account))
}

function accountNamed(id: AccountId, ledger: LedgerView, tenant: string): AccountState {
  const key = accountKey(tenant, id)
  const suspense = suspenseOf(id)
  return suspense && !ledger.read(accounts, key)
    ? suspenseAccount(id, suspense.currency, tenant)
    : knownAccount(ledger, key, id)
}

/** It begins as the first thing comes to it. */
function suspenseAccount(accountId: AccountId, currency: string, tenant: string): AccountState {
  return {
    ...{
      accountId,
      tenant,
      type: 'internal',
      currency: CurrencyCode.parse(currency),
      owner: OwnerId.parse(SUSPENSE_OWNER),
    },
    ...{ overdraftLimit: 'unlimited', status: 'open', balanceMinor: 0n },
  }
}

function withHeld(account: AccountState, minor: bigint, times: bigint): AccountState {
  const { heldMinor = 0n, dueMinor = 0n, ...rest } = account
  const held = minor < 0n ? heldMinor - minor * times : heldMinor
  const due = minor > 0n ? dueMinor + minor * times : dueMinor
  assert(held >= 0n && due >= 0n, `more is let go of on ${account.accountId} than was promised`)
  return { ...rest, ...(held === 0n ? {} : { heldMinor: held }), ...(due === 0n ? {} : { dueMinor: due }) }
}

export function putTransit({ account, amount }: Leg, ledger: LedgerView, { tenant }: CommitFacts): Put {
  const key = { tenant, accountId: account }
  const minor = BigInt(ledger.read(transits, key) ?? 0) + BigInt(amount)
  return minor === 0n ? remove(transits, key) : put(transits, key, minor.toString())
}
