import assert from 'node:assert/strict'
import type { AccountId } from '@micropay/schemas/identifiers'
import type { LedgerEvent } from '@micropay/schemas/log/event'
import type { AccountState, LedgerView } from './ledger.ts'
import { movementsOf } from './payment.ts'

/** The accounts that one event changes, as they stand after it. Pure; a fact that does not fit the state is a bug and stops. */
export function evolve(event: LedgerEvent, ledger: LedgerView, tenant: string): AccountState[] {
  switch (event.type) {
    case 'AccountOpened': {
      assert(!ledger.account(event.data.accountId), `${event.data.accountId} was opened twice`)
      const { name, path, ...data } = event.data
      const optional = { ...(name === undefined ? {} : { name }), ...(path === undefined ? {} : { path }) }
      return [{ ...data, ...optional, tenant, status: 'open', balanceMinor: 0n }]
    }
    case 'AccountFrozen':
      return [{ ...existing(ledger, event.data.accountId), status: 'frozen' }]
    case 'AccountUnfrozen':
      return [{ ...existing(ledger, event.data.accountId), status: 'open' }]
    case 'AccountClosed':
      return [{ ...existing(ledger, event.data.accountId), status: 'closed' }]
    case 'StatementImported':
      return [{ ...existing(ledger, event.data.accountId), iban: event.data.iban }]
    case 'PayeeSaved':
    case 'PayeeRemoved':
      return []
    case 'PaymentPosted':
      return Array.from(movementsOf(event.data.postings), ([accountId, movementMinor]) => {
        const account = existing(ledger, accountId)
        return { ...account, balanceMinor: account.balanceMinor + movementMinor }
      })
  }
}

function existing(ledger: LedgerView, accountId: AccountId): AccountState {
  const account = ledger.account(accountId)
  assert(account, `an event names the account ${accountId}, which was never opened`)
  return account
}
