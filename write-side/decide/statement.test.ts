import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccountId, OwnerId, paymentIdAt } from '@micropay/schemas/identifiers'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { type StatementImportedV1, type StatementPart, statementFromV1 } from '@micropay/schemas/log/statement-shapes'
import { accountKey, accounts, putAccount } from './account.ts'
import type { AccountState } from './account-state.ts'
import { decide } from './decide.ts'
import { ledgerAfter, ledgerWith } from './ledger.fixture.ts'
import { type Decision, type LedgerView, put } from './ledger.ts'
import { bankAccounts, statementContents, statements } from './statement.ts'
import { contentOf, contentOfLines } from './statement-content.ts'

const bank = AccountId.parse('bank:ing')
const key = accountKey('main', bank)
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
const first: StatementImportedV1 = {
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
const contentOfFirst = contentOf(first, contentOfLines(first.lines))
const contentOfDay0 = contentOf({ ...first, from: '2026-02-28', to: '2026-02-28' }, contentOfLines(first.lines))

test('a statement of an external account becomes a fact, and its bank account number stays with the account', () => {
  const decision = decideOn({})
  assert.equal(outcome(decision), 'StatementImported')
  const [event] = decision.kind === 'accepted' ? decision.events : []
  assert.ok(event)
  assert.equal(ledgerAfter(event, holding(account)).read(accounts, key)?.iban, 'NL08INGB0000001234')
})

const refusals: readonly [string, Partial<AccountState>, Partial<StatementImportedV1>, string][] = [
  ['an account that is not there', {}, { accountId: AccountId.parse('bank:other') }, 'account_not_found'],
  ["another tenant's account", { tenant: 'other' }, {}, 'account_not_found'],
  ['another currency', { currency: 'USD' }, {}, 'currency_mismatch'],
  ["a customer's account", { type: 'customer' }, {}, 'statement_wrong_account'],
  ["the house's own account", { type: 'internal' }, {}, 'statement_wrong_account'],
  ['another bank account than before', { iban: 'DE1' }, {}, 'statement_wrong_account'],
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

test('the same content is the same statement under any id, and another one under the same id another', () => {
  const day0 = { from: '2026-02-28', to: '2026-02-28' }
  assert.equal(outcome(decideOn({ ...day0, statementId: 'any' })), 'statement_already_imported')
  assert.equal(outcome(decideOn({ statementId: 'day-0' })), 'StatementImported')
  const texts = first.lines.map((line) => ({ ...line, text: 'as corrected', references: ['R'] }))
  assert.equal(outcome(decideOn({ ...day0, lines: texts })), 'statement_already_imported')
  const [one, two] = first.lines
  assert.ok(one && two)
  for (const change of [
    { lines: [two, one] },
    { lines: [one, { ...two, valueOn: '2026-03-02' }] },
    { lines: [one, { ...two, bookedOn: '2026-02-28' }] },
    { opening: '1100', closing: '900' },
    { from: '2026-02-27' },
  ]) {
    assert.equal(outcome(decideOn({ ...day0, ...change })), 'StatementImported', JSON.stringify(change))
  }
})

test('before the generation that brought this, the id is what a statement is known by', () => {
  const before = (change: Partial<StatementImportedV1>) => outcome(decideOn(change, {}, undefined, 1))
  assert.equal(before({ statementId: 'day-0' }), 'statement_already_imported')
  assert.equal(before({ from: '2026-02-28', to: '2026-02-28' }), 'StatementImported')
})

test('the last part makes a statement of all of them, and is the same one as if it had come at once', () => {
  const { lines, personal, ...head } = statementFromV1(first)
  const importId = 'i-1'
  const part = (number: number, ...held: typeof lines): StatementPart => {
    const said = { form: 'plain' as const, data: { lines: held.map(() => ({ references: {} })) } }
    return { accountId: bank, statementId: 'day-1', importId, part: number, of: 3, lines: held, personal: said }
  }
  const [one, two] = lines
  assert.ok(one && two)
  let ledger = holding(account)
  const take = (decision: Decision) => {
    const [event] = decision.kind === 'accepted' ? decision.events : []
    if (event) ledger = ledgerAfter(event, ledger)
    return outcome(decision)
  }
  const keep = (data: StatementPart) =>
    take(decide({ type: 'KeepStatementPart', data }, ledger, { ...facts, generation: 2 }))
  const last = { ...head, parts: 3, importId, content: contentOfFirst, lines: [], personal: { ...personal } }
  const finish = () => take(decide({ type: 'ImportStatement', data: last }, ledger, { ...facts, generation: 2 }))
  assert.throws(finish, /comes behind all others/)
  assert.throws(() => keep(part(2, two)), /come in order/)
  assert.equal(keep(part(1, two)), 'StatementPart')
  assert.equal(keep(part(1, one)), 'StatementPart', 'begun anew')
  assert.throws(finish, /comes behind all others/)
  assert.equal(keep(part(2, two)), 'StatementPart')
  assert.equal(finish(), 'StatementImported')
  assert.equal(finish(), 'statement_already_imported')
  const whole = { type: 'ImportStatement' as const, data: statementFromV1(first) }
  assert.equal(outcome(decide(whole, ledger, { ...facts, generation: 2 })), 'statement_already_imported')
  assert.equal(keep({ ...part(1, one), accountId: AccountId.parse('nobody') }), 'account_not_found')
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
    put(statements, { account: key, statementId: 'day-0' }, 7),
    put(statementContents, { account: key, content: contentOfDay0 }, 7),
  )
}

const facts = {
  ...{ tenant: 'main', subject: 'finance:fiona', mayBook: false },
  ...{ decidedAt: '2026-03-02T09:30:00.000Z', paymentId: paymentIdAt(0, 8) },
}

function decideOn(
  change: Partial<StatementImportedV1>,
  state: Partial<AccountState> = {},
  other?: AccountState,
  generation = EVENT_GENERATION,
): Decision {
  const data = statementFromV1({ ...first, ...change })
  return decide({ type: 'ImportStatement', data }, holding({ ...account, ...state }, other), { ...facts, generation })
}

function outcome(decision: Decision): string | undefined {
  return decision.kind === 'rejected' ? decision.code : decision.events[0]?.type
}
