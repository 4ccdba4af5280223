import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OpenAccount } from '@micropay/schemas/api/account'
import { AccountId, OwnerId, paymentIdAt } from '@micropay/schemas/identifiers'
import { type AccountState, accounts, putAccount } from './account.ts'
import { decide, type LedgerCommand } from './decide.ts'
import { evolve } from './evolve.ts'
import { ledgerAfter, ledgerWith } from './ledger.fixture.ts'
import type { Decision, LedgerView } from './ledger.ts'
import { emptyLedger } from './overlay.ts'

const ada = AccountId.parse('ada')

test('a customer may not go below zero unless a limit says so, and the house may', () => {
  assert.equal(opened({ type: 'customer' })?.overdraftLimit, '0')
  assert.equal(opened({ type: 'customer', overdraftLimit: '500' })?.overdraftLimit, '500')
  assert.equal(opened({ type: 'external' })?.overdraftLimit, 'unlimited')
  assert.equal(opened({ type: 'internal' })?.overdraftLimit, 'unlimited')
})

test('an id is taken once', () => {
  assert.equal(outcome(decideOn(open({}), holding(account('open')))), 'account_exists')
})

type Change = 'FreezeAccount' | 'UnfreezeAccount' | 'CloseAccount'
const changes: readonly [Change, AccountState['status'], bigint, string][] = [
  ['FreezeAccount', 'open', 0n, 'AccountFrozen'],
  ['FreezeAccount', 'frozen', 0n, 'account_frozen'],
  ['FreezeAccount', 'closed', 0n, 'account_closed'],
  ['UnfreezeAccount', 'frozen', 0n, 'AccountUnfrozen'],
  ['UnfreezeAccount', 'open', 0n, 'account_not_frozen'],
  ['UnfreezeAccount', 'closed', 0n, 'account_closed'],
  ['CloseAccount', 'open', 0n, 'AccountClosed'],
  ['CloseAccount', 'open', 1n, 'account_not_empty'],
  ['CloseAccount', 'open', -1n, 'account_not_empty'],
  ['CloseAccount', 'frozen', 0n, 'account_frozen'],
  ['CloseAccount', 'closed', 0n, 'account_closed'],
]
for (const [type, status, balanceMinor, expected] of changes) {
  test(`${type} of an account that is ${status} at ${balanceMinor}: ${expected}`, () => {
    assert.equal(outcome(decideOn(change(type), holding({ ...account(status), balanceMinor }))), expected)
  })
}

test("another tenant's account does not exist", () => {
  assert.equal(
    outcome(decideOn(change('FreezeAccount'), holding({ ...account('open'), tenant: 'other' }))),
    'account_not_found',
  )
})

test('every status follows its event', () => {
  const data = { accountId: ada }
  const after = (type: 'AccountFrozen' | 'AccountUnfrozen' | 'AccountClosed', status: AccountState['status']) =>
    ledgerAfter({ type, version: 1, data }, holding(account(status))).read(accounts, ada)?.status
  assert.equal(after('AccountFrozen', 'open'), 'frozen')
  assert.equal(after('AccountUnfrozen', 'frozen'), 'open')
  assert.equal(after('AccountClosed', 'open'), 'closed')
})

test('an event about an account that was never opened is a bug, and stops', () => {
  assert.throws(
    () =>
      evolve({ type: 'AccountFrozen', version: 1, data: { accountId: ada } }, emptyLedger, { tenant: 'main', seq: 1 }),
    /never opened/,
  )
})

function account(status: AccountState['status']): AccountState {
  const owner = OwnerId.parse('customer:ada')
  return {
    accountId: ada,
    tenant: 'main',
    type: 'customer',
    currency: 'EUR',
    owner,
    overdraftLimit: '0',
    status,
    balanceMinor: 0n,
  }
}

function holding(state: AccountState): LedgerView {
  return ledgerWith(putAccount(state))
}

function open(fields: object): LedgerCommand {
  return {
    type: 'OpenAccount',
    data: {
      ...OpenAccount.parse({ type: 'customer', currency: 'EUR', owner: 'customer:ada', ...fields }),
      accountId: ada,
    },
  }
}

function change(type: Change): LedgerCommand {
  return { type, data: { accountId: ada } }
}

function decideOn(command: LedgerCommand, ledger: LedgerView): Decision {
  const facts = {
    tenant: 'main',
    subject: 'operator:olga',
    mayBook: true,
    decidedAt: '2026-03-01T09:30:00.000Z',
    paymentId: paymentIdAt(0, 1),
  }
  return decide(command, ledger, facts)
}

function outcome(decision: Decision): string | undefined {
  return decision.kind === 'rejected' ? decision.code : decision.events[0]?.type
}

function opened(fields: object) {
  const decision = decideOn(open(fields), emptyLedger)
  const [event] = decision.kind === 'accepted' ? decision.events : []
  return event?.type === 'AccountOpened' ? event.data : undefined
}
