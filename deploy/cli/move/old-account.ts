import { dayIn } from '@micropay/schemas/days'
import type { AccountToOpen } from '@micropay/sdk/import-source'
import { accountKey, accounts } from '@micropay/write-side/decide/account'
import type { AccountState } from '@micropay/write-side/decide/account-state'
import type { LedgerView } from '@micropay/write-side/decide/ledger'
import { taken } from './payment-requests.ts'

/** An account as the old ledger has it in the end, with its texts as they can be said again. */
export type OldAccount = AccountState & {
  /** When it was opened there, and the first instant that anything on it counts. */
  readonly openedAt: string
  readonly firstMs: number | undefined
}

type Opened = Pick<OldAccount, 'accountId' | 'tenant' | 'openedAt' | 'firstMs'>

export function oldAccountIn(ledger: LedgerView, { accountId, tenant, openedAt, firstMs }: Opened): OldAccount {
  const state = ledger.read(accounts, accountKey(tenant, accountId))
  if (!state) throw new RangeError(`${accountId} was opened, and its ledger does not know it`)
  const { name, ownerReference, ...rest } = state
  return { ...rest, ...textIn('name', name), ...textIn('ownerReference', ownerReference), openedAt, firstMs }
}

function textIn(member: 'name' | 'ownerReference', text: string | undefined) {
  const said = taken(text)?.trim()
  return said === undefined ? {} : { [member]: said }
}

/**
 * An account as it is opened anew: without a limit, since history is booked as it was, and open from the day on which
 * it was opened before, or from which on something counted there.
 */
export function openingOf(account: OldAccount, zone: string): AccountToOpen {
  const { accountId, type, currency, owner, name, path, ownerReference, openedOn, openedAt, firstMs } = account
  const days = [openedOn ?? dayIn(zone, openedAt)]
  if (firstMs !== undefined) days.push(dayIn(zone, new Date(firstMs).toISOString()))
  return {
    ...{ accountId, type, currency, owner, overdraftLimit: 'unlimited' },
    ...(name === undefined ? {} : { name }),
    ...(path === undefined ? {} : { path }),
    ...(ownerReference === undefined ? {} : { ownerReference }),
    openedOn: days.toSorted()[0] ?? '',
  }
}
