import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MakePayment } from '@micropay/schemas/api/payment'
import { AccountId, OwnerId, paymentIdAt } from '@micropay/schemas/identifiers'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { putAccount } from './account.ts'
import type { AccountState } from './account-state.ts'
import { decide, type LedgerCommand } from './decide.ts'
import { ledgerWith } from './ledger.fixture.ts'
import type { DecisionFacts } from './ledger.ts'

const account = (id: string, more: Partial<AccountState> = {}): AccountState => ({
  ...{ accountId: AccountId.parse(id), tenant: 'main', type: 'customer', currency: 'EUR' },
  ...{
    owner: OwnerId.parse(`customer:${id.split(':')[0]}`),
    overdraftLimit: '0',
    status: 'open',
    balanceMinor: 1_000n,
  },
  ...more,
})
const ada = account('ada')
const to = AccountId.parse('payee')
const paying: LedgerCommand = {
  type: 'MakePayment',
  data: MakePayment.parse({ postings: [{ from: 'ada', to: 'payee', amount: '1', currency: 'EUR' }] }),
}
const saving: LedgerCommand = {
  type: 'SavePayee',
  data: { owner: OwnerId.parse('customer:ada'), alias: 'Ben', accountId: to },
}

function outcome(command: LedgerCommand, payee: AccountState | undefined, facts: Partial<DecisionFacts> = {}) {
  const all = { tenant: 'main', subject: 'customer:ada', mayBook: false, decidedAt: '2026-03-01T09:30:00.000Z' }
  const ledger = ledgerWith(...[ada, payee].flatMap((each) => (each ? [putAccount(each)] : [])))
  return decide(command, ledger, {
    ...{ ...all, paymentId: paymentIdAt(0, 1), generation: EVENT_GENERATION },
    ...facts,
  })
}
function codeOf(...asked: Parameters<typeof outcome>) {
  const decision = outcome(...asked)
  return decision.kind === 'rejected' ? decision.code : decision.events[0]?.type
}

const causes: readonly [cause: string, payee: AccountState | undefined, told: string, saved?: string][] = [
  ['account_not_found', undefined, 'account_not_found'],
  ['account_not_found', account('payee', { tenant: 'other' }), 'account_not_found'],
  ['account_closed', account('payee', { status: 'closed' }), 'account_closed'],
  ['account_frozen', account('payee', { status: 'frozen', frozen: 'all' }), 'account_frozen', 'PayeeSaved'],
  ['account_of_house', account('payee', { type: 'external' }), 'PaymentPosted', 'PayeeSaved'],
  ['account_of_house', account('payee', { type: 'internal' }), 'PaymentPosted', 'PayeeSaved'],
]
for (const [cause, payee, told, saved = told] of causes) {
  test(`a customer hears one answer of what cannot be paid, and the log has the cause: ${cause}`, () => {
    for (const command of [paying, saving]) {
      const decision = outcome(command, payee)
      assert.ok(decision.kind === 'rejected')
      assert.equal(decision.code, 'payee_not_payable')
      assert.equal(decision.detail, 'payee cannot be paid: ask whom you want to pay which account they have')
      assert.equal(decision.cause?.code, cause)
    }
    const staff = { mayBook: true }
    assert.deepEqual([codeOf(paying, payee, staff), codeOf(saving, payee, staff)], [told, saved], 'staff hear it')
    const before = { generation: 1 }
    assert.deepEqual([codeOf(paying, payee, before), codeOf(saving, payee, before)], [told, saved], 'and so it was')
  })
}

test('another currency is a cause like any other, and no reason not to save the payee', () => {
  const dollars = account('payee', { currency: 'USD' })
  const decision = outcome(paying, dollars)
  assert.deepEqual(decision.kind === 'rejected' && [decision.code, decision.cause?.code], [
    ...['payee_not_payable', 'currency_mismatch'],
  ])
  assert.equal(codeOf(saving, dollars), 'PayeeSaved')
})

test('customers pay customers, flagged accounts of the house, and who is frozen for sending alone', () => {
  for (const payee of [
    ...[account('payee'), account('payee', { type: 'internal', receivesFromCustomers: true })],
    account('payee', { status: 'frozen', frozen: 'outgoing' }),
  ]) {
    assert.deepEqual([codeOf(paying, payee), codeOf(saving, payee)], ['PaymentPosted', 'PayeeSaved'])
  }
})

test("of the caller's own accounts the causes are told", () => {
  const own = (more: Partial<AccountState>) => account('payee', { owner: ada.owner, ...more })
  assert.equal(codeOf(paying, own({ status: 'closed' })), 'account_closed')
  assert.equal(codeOf(paying, own({ status: 'frozen', frozen: 'all' })), 'account_frozen')
  assert.equal(codeOf(paying, own({ currency: 'USD' })), 'currency_mismatch')
  assert.equal(codeOf(saving, own({ status: 'closed' })), 'account_closed')
})

test('who cannot pay from an account hears that, whatever the payees are', () => {
  const posting = (from: string, payee: string) => ({ from, to: payee, amount: '1', currency: 'EUR' })
  const postings = [posting('ada', 'nobody'), posting('payee', 'ada')]
  const both: LedgerCommand = { type: 'MakePayment', data: MakePayment.parse({ postings }) }
  const decision = outcome(both, account('payee'))
  assert.deepEqual(decision.kind === 'rejected' && [decision.code, decision.pointer], [
    ...['account_not_found', '/postings/1/from'],
  ])
})

test('an account that is frozen for sending alone can be paid by staff, and pays nobody', () => {
  const frozen = account('payee', { status: 'frozen', frozen: 'outgoing' })
  const postings = [{ from: 'payee', to: 'ada', amount: '1', currency: 'EUR' }]
  const back: LedgerCommand = { type: 'MakePayment', data: MakePayment.parse({ postings }) }
  const staff = { mayBook: true, subject: 'operator:olga' }
  assert.equal(codeOf(paying, frozen, staff), 'PaymentPosted')
  assert.equal(codeOf(back, frozen, staff), 'account_frozen')
  assert.equal(codeOf(back, frozen, { subject: 'customer:payee' }), 'account_frozen')
  assert.equal(codeOf(paying, account('payee', { status: 'frozen', frozen: 'all' }), staff), 'account_frozen')
})

test('whoever may know what stops an account is told that, and what to do', () => {
  const staff = { mayBook: true, subject: 'operator:olga' }
  const toldOf = (state: Partial<AccountState>, command = paying) => {
    const decision = outcome(command, account('payee', state), staff)
    return decision.kind === 'rejected' && decision.detail
  }
  const postings = [{ from: 'payee', to: 'ada', amount: '1', currency: 'EUR' }]
  const back: LedgerCommand = { type: 'MakePayment', data: MakePayment.parse({ postings }) }
  const all = 'payee is frozen: nothing leaves or reaches it until an operator unfreezes it'
  assert.equal(toldOf({ status: 'frozen', frozen: 'all' }), all)
  const outgoing = 'payee is frozen for what leaves it: nothing does until an operator unfreezes it'
  assert.equal(toldOf({ status: 'frozen', frozen: 'outgoing' }, back), outgoing)
  assert.equal(toldOf({ status: 'closed' }), 'payee is closed for good: use another account')
})

test('when another opened an account is not told, and of an own one it is', () => {
  const opened = { openedOn: '2026-03-02' }
  const decision = outcome(paying, account('payee', opened))
  assert.ok(decision.kind === 'rejected')
  assert.deepEqual([decision.code, decision.pointer], ['payee_not_payable', '/postings/0/to'])
  assert.equal(decision.detail, 'payee cannot be paid: ask whom you want to pay which account they have')
  assert.equal(decision.cause?.code, 'value_date_before_opening')
  assert.equal(codeOf(paying, account('payee', { ...opened, owner: ada.owner })), 'value_date_before_opening')
  assert.equal(codeOf(paying, account('payee', opened), { mayBook: true }), 'value_date_before_opening')
  assert.equal(codeOf(paying, account('payee', { openedOn: '2026-03-01' })), 'PaymentPosted')
})

test('nor by a date in the past: that one is refused first, whatever the payee', () => {
  const dated = MakePayment.parse({ ...paying.data, effectiveAt: '2026-02-27T09:30:00.000Z' })
  for (const more of [{}, { openedOn: '2026-02-28' }]) {
    assert.equal(codeOf({ type: 'MakePayment', data: dated }, account('payee', more)), 'value_date_not_today')
  }
})
