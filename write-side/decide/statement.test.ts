import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccountId, OwnerId, paymentIdAt } from '@micropay/schemas/identifiers'
import type { ImportedStatement } from '@micropay/schemas/log/event'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { type AccountState, accounts, putAccount } from './account.ts'
import { decide } from './decide.ts'
import { ledgerAfter, ledgerWith } from './ledger.fixture.ts'
import { type Decision, type LedgerView, put } from './ledger.ts'
import { bankAccounts, statements } from './statement.ts'

const bank = AccountId.parse('bank:ing')
const account: AccountState = {
  accountId: bank,
  tenant: 'main',
  type: 'external',
  currency: 'EUR',
  owner: OwnerId.parse('house'),
  overdraftLimit: 'unlimited',
  status: 'open',
  balanceMinor: 0n,
}
const statement: ImportedStatement = {
  accountId: bank,
  statementId: 'day-1',
  iban: 'NL08INGB0000001234',
  currency: 'EUR',
  from: '2026-03-01',
  to: '2026-03-01',
  opening: '1000',
  closing: '800',
  lines: [
    { amount: '300', bookedOn: '2026-03-01', references: [] },
    { amount: '-500', bookedOn: '2026-03-01', references: [] },
  ],
}

test('a statement of an external account becomes a fact, and its bank account number stays with the account', () => {
  const decision = decideOn({})
  assert.equal(outcome(decision), 'StatementImported')
  const [event] = decision.kind === 'accepted' ? decision.events : []
  assert.ok(event)
  assert.equal(ledgerAfter(event, holding(account)).read(accounts, bank)?.iban, 'NL08INGB0000001234')
})

const refusals: readonly [string, Partial<AccountState>, Partial<ImportedStatement>, string][] = [
  ['an account that is not there', {}, { accountId: AccountId.parse('bank:other') }, 'account_not_found'],
  ["another tenant's account", { tenant: 'other' }, {}, 'account_not_found'],
  ['another currency', { currency: 'USD' }, {}, 'currency_mismatch'],
  ["a customer's account", { type: 'customer' }, {}, 'statement_wrong_account'],
  ["the house's own account", { type: 'internal' }, {}, 'statement_wrong_account'],
  ['another bank account than before', { iban: 'DE1' }, {}, 'statement_wrong_account'],
  ['a statement that is there', { iban: 'NL08INGB0000001234' }, { statementId: 'day-0' }, 'statement_already_imported'],
]
for (const [title, state, change, expected] of refusals) {
  test(`${title}: ${expected}`, () => assert.equal(outcome(decideOn(change, state)), expected))
}

test('the next statement of the same bank account is taken, however the first one wrote its number', () => {
  assert.equal(outcome(decideOn({}, { iban: 'NL08INGB0000001234' })), 'StatementImported')
  assert.equal(outcome(decideOn({}, { iban: 'nl08 ingb 0000001234' })), 'StatementImported')
})

test('a bank account that another account of ours stands for is refused, until that one is closed', () => {
  const abn = { ...account, accountId: AccountId.parse('bank:abn'), iban: 'NL77ABNA0574908765' }
  const change = { iban: abn.iban }
  assert.equal(outcome(decideOn(change, {}, abn)), 'statement_wrong_account')
  assert.equal(outcome(decideOn(change, {}, { ...abn, status: 'closed' })), 'StatementImported')
  assert.equal(outcome(decideOn({ ...change, currency: 'USD' }, { currency: 'USD' }, abn)), 'StatementImported')
})

test('a statement that does not add up is a bug by now, and stops', () => {
  assert.throws(() => decideOn({ closing: '801' }), /never decided/)
})

function holding(state: AccountState, other?: AccountState): LedgerView {
  const held = other ? [other, state] : [state]
  return ledgerWith(
    ...held.map(putAccount),
    ...held.flatMap(({ tenant, iban, currency, accountId }) =>
      iban === undefined ? [] : [put(bankAccounts, { tenant, iban, currency }, accountId)],
    ),
    put(statements, { accountId: bank, statementId: 'day-0' }, 7),
  )
}

function decideOn(
  change: Partial<ImportedStatement>,
  state: Partial<AccountState> = {},
  other?: AccountState,
): Decision {
  const facts = {
    ...{ tenant: 'main', subject: 'finance:fiona', mayBook: false },
    ...{ decidedAt: '2026-03-02T09:30:00.000Z', paymentId: paymentIdAt(0, 8), generation: EVENT_GENERATION },
  }
  const data = { ...statement, ...change }
  return decide({ type: 'ImportStatement', data }, holding({ ...account, ...state }, other), facts)
}

function outcome(decision: Decision): string | undefined {
  return decision.kind === 'rejected' ? decision.code : decision.events[0]?.type
}
