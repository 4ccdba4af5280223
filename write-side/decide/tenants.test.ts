import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OpenAccount } from '@micropay/schemas/api/account'
import { MakePayment, RefundPayment } from '@micropay/schemas/api/payment'
import { AccountId, OwnerId, paymentIdAt } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import { ACCOUNT_KEY_GENERATION, EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { statementFromV1 } from '@micropay/schemas/log/statement-shapes'
import { changeOf } from '../state/partition-state.ts'
import { accountKey, accounts } from './account.ts'
import { decide, type LedgerCommand, originalOf } from './decide.ts'
import type { DecisionFacts } from './ledger.ts'
import { emptyLedger, overlayOn } from './overlay.ts'
import { posting } from './payment.fixture.ts'

type Tenant = 'main' | 'other'

/** A ledger that takes the commands of two tenants one after the other, as an owner would. */
function book(generation = EVENT_GENERATION) {
  const ledger = overlayOn(emptyLedger)
  const commits: Commit[] = []
  function give(tenant: Tenant, command: LedgerCommand, more: Partial<DecisionFacts> = {}): string {
    const seq = commits.length + 1
    const paymentId = originalOf(command, ledger)
    const facts = {
      ...{ tenant, subject: 'operator:olga', mayBook: true, generation, decidedAt: '2026-03-01T09:30:00.000Z' },
      ...{ paymentId: paymentIdAt(0, seq), original: commits[Number(paymentId?.split('-')[2]) - 1], ...more },
    }
    const decision = decide(command, ledger, facts)
    if (decision.kind === 'rejected') return decision.code
    const commit: Commit = {
      ...{ epoch: 1, seq, previousHash: '', decidedAt: facts.decidedAt, tenant, requestHash: 'h' },
      ...{ actor: { subject: facts.subject, client: 'test' }, command: { type: command.type } },
      ...{ idempotencyKey: `k${seq}`, outcome: { kind: 'accepted' }, events: [...decision.events] },
    }
    commits.push(commit)
    const change = changeOf(commit, ledger, { partition: 0, hash: '' })
    ledger.put(change.puts)
    return 'accepted'
  }
  const standing = (tenant: Tenant, id: string) => {
    const account = ledger.read(accounts, accountKey(tenant, AccountId.parse(id)))
    return account && `${account.balanceMinor} ${account.status}`
  }
  return { give, standing }
}

const open = (accountId: string, more: object = {}): LedgerCommand => {
  const fields = { type: 'customer', currency: 'EUR', owner: `customer:${accountId}`, ...more }
  return { type: 'OpenAccount', data: { ...OpenAccount.parse(fields), accountId: AccountId.parse(accountId) } }
}
const pay = (from: string, to: string, amount: string): LedgerCommand => ({
  ...{ type: 'MakePayment', data: MakePayment.parse({ postings: [posting(from, to, amount)] }) },
})
const about = (type: 'FreezeAccount' | 'UnfreezeAccount' | 'CloseAccount', id: string): LedgerCommand => ({
  ...{ type, data: { accountId: AccountId.parse(id) } },
})
const house = { type: 'external', owner: 'house' }

/** The same accounts, of the same owners, by each. */
function bothOpened() {
  const books = book()
  for (const tenant of ['main', 'other'] as const) {
    for (const command of [open('cash', house), open('ada'), open('ben')]) {
      assert.equal(books.give(tenant, command), 'accepted')
    }
  }
  return books
}

test('each tenant opens an id once, whatever ids others have', () => {
  const books = book()
  assert.equal(books.give('other', open('ada', house)), 'accepted', 'squatted by a stranger')
  assert.equal(books.give('main', open('ada')), 'accepted')
  for (const tenant of ['main', 'other'] as const) {
    assert.equal(books.give(tenant, open('ada')), 'account_exists')
  }
})

test('before the generation that brought this an id that any tenant has is taken, for all', () => {
  const books = book(ACCOUNT_KEY_GENERATION - 1)
  assert.equal(books.give('other', open('ada', house)), 'accepted')
  assert.equal(books.give('main', open('ada')), 'account_exists')
  assert.equal(books.give('main', open('ben')), 'accepted')
  assert.equal(books.give('other', open('ben')), 'account_exists')
  assert.equal(books.give('main', about('CloseAccount', 'ada')), 'account_not_found')
  const raised = { generation: ACCOUNT_KEY_GENERATION }
  assert.equal(books.give('main', open('ada'), raised), 'accepted')
  assert.equal(books.give('other', open('ben'), raised), 'accepted')
})

test('a payment moves accounts of its own tenant alone', () => {
  const books = bothOpened()
  assert.equal(books.give('main', pay('cash', 'ada', '500')), 'accepted')
  assert.deepEqual([books.standing('main', 'ada'), books.standing('other', 'ada')], ['500 open', '0 open'])
  assert.equal(books.give('other', pay('ada', 'ben', '1')), 'insufficient_funds')
  assert.equal(books.give('other', pay('cash', 'ada', '30')), 'accepted')
  assert.equal(books.give('other', pay('ada', 'ben', '30')), 'accepted')
  assert.equal(books.give('main', pay('ada', 'ben', '501')), 'insufficient_funds')
  const all = (tenant: Tenant) => ['cash', 'ada', 'ben'].map((id) => books.standing(tenant, id))
  assert.deepEqual(all('main'), ['-500 open', '500 open', '0 open'])
  assert.deepEqual(all('other'), ['-30 open', '0 open', '30 open'])
})

test('what is done to an account is not done to the one of the same id', () => {
  const books = bothOpened()
  const [adaId, cash] = [AccountId.parse('ada'), AccountId.parse('cash')]
  const flag = { accountId: cash, flag: 'receivesFromCustomers', value: true } as const
  for (const command of [
    about('FreezeAccount', 'ada'),
    about('CloseAccount', 'ben'),
    { type: 'ChangeAccount', data: { accountId: adaId, overdraftLimit: 'unlimited' } } as const,
    { type: 'SetAccountFlag', data: flag } as const,
  ]) {
    assert.equal(books.give('main', command), 'accepted')
  }
  assert.deepEqual(
    ['ada', 'ben'].map((id) => books.standing('main', id)),
    ['0 frozen', '0 closed'],
  )
  assert.deepEqual(
    ['ada', 'ben'].map((id) => books.standing('other', id)),
    ['0 open', '0 open'],
  )
  assert.equal(books.give('other', about('UnfreezeAccount', 'ada')), 'account_not_frozen')
  assert.equal(books.give('other', pay('ada', 'ben', '1')), 'insufficient_funds', 'no limit was raised')
  assert.equal(books.give('other', pay('cash', 'ada', '9')), 'accepted')
  const asAda = { subject: 'customer:ada', mayBook: false }
  assert.equal(books.give('other', pay('ada', 'cash', '9'), asAda), 'payee_not_payable', 'no flag was set')
  assert.equal(books.give('other', pay('ada', 'ben', '9'), asAda), 'accepted')
})

test('one person pays from their accounts of the tenant that the token is of', () => {
  const books = bothOpened()
  books.give('main', pay('cash', 'ada', '9'))
  books.give('other', open('mine', { owner: 'customer:ada' }))
  const asAda = { subject: 'customer:ada', mayBook: false }
  assert.equal(books.give('other', pay('ada', 'ben', '9'), asAda), 'insufficient_funds')
  assert.equal(books.give('main', pay('mine', 'ben', '9'), asAda), 'account_not_found')
  assert.equal(books.give('main', pay('ada', 'mine', '9'), asAda), 'payee_not_payable')
  assert.equal(books.give('main', pay('ada', 'ben', '9'), asAda), 'accepted')
})

test('each tenant gives its own payments back, and no others', () => {
  const books = bothOpened()
  const refund = (seq: number): LedgerCommand => {
    return { type: 'RefundPayment', data: { paymentId: paymentIdAt(0, seq), ...RefundPayment.parse({ reason: 'x' }) } }
  }
  for (const tenant of ['main', 'other'] as const) books.give(tenant, pay('cash', 'ada', '10'))
  const asAda = { subject: 'customer:ada', mayBook: false }
  for (const more of [{}, asAda]) assert.equal(books.give('other', refund(7), more), 'payment_not_found')
  assert.equal(books.give('main', refund(7)), 'accepted')
  assert.deepEqual([books.standing('main', 'ada'), books.standing('other', 'ada')], ['0 open', '10 open'])
  assert.equal(books.give('main', refund(7)), 'refund_exceeds_payment')
  assert.equal(books.give('other', refund(8)), 'accepted')
})

test('a statement is known by the tenant whose account it is of, and so are the parts of one', () => {
  const books = bothOpened()
  const day = { from: '2026-03-01', to: '2026-03-01', opening: '0', closing: '9', currency: 'EUR' }
  const lines = [{ amount: '9', bookedOn: '2026-03-01', references: [] }]
  const cash = AccountId.parse('cash')
  const iban = 'NL08INGB0000001234'
  const data = statementFromV1({ accountId: cash, statementId: 'day-1', iban, ...day, lines })
  const whole: LedgerCommand = { type: 'ImportStatement', data }
  for (const tenant of ['main', 'other'] as const) {
    assert.equal(books.give(tenant, whole), 'accepted')
    assert.equal(books.give(tenant, whole), 'statement_already_imported')
  }
  const texts = { form: 'plain' as const, data: { lines: [{ references: {} }] } }
  const part = (of: Tenant, number: number) => {
    const head = { accountId: cash, statementId: 'day-2', importId: 'i', part: number, of: 9, lines: data.lines }
    return books.give(of, { type: 'KeepStatementPart', data: { ...head, personal: texts } })
  }
  assert.equal(part('main', 1), 'accepted')
  assert.throws(() => part('other', 2), /come in order/)
  assert.equal(part('other', 1), 'accepted')
  assert.equal(part('main', 2), 'accepted')
  const [one, two] = ['abn', 'ing'].map((accountId) => ({ ...data, accountId: AccountId.parse(accountId) }))
  for (const id of ['abn', 'ing']) books.give('other', open(id, house))
  assert.equal(books.give('other', about('CloseAccount', 'cash')), 'accepted')
  assert.equal(books.give('other', { type: 'ImportStatement', data: one ?? data }), 'accepted', 'its own is closed')
  assert.equal(books.give('other', { type: 'ImportStatement', data: two ?? data }), 'statement_wrong_account')
})

test('a tenant withdraws a statement of its own, and the other one keeps its', () => {
  const books = bothOpened()
  const cash = AccountId.parse('cash')
  const day = { from: '2026-03-01', to: '2026-03-01', opening: '0', closing: '0', currency: 'EUR', lines: [] }
  const iban = 'NL08INGB0000001234'
  const data = statementFromV1({ accountId: cash, statementId: 'day-1', iban, ...day })
  const importing: LedgerCommand = { type: 'ImportStatement', data }
  const withdrawing = (position: string): LedgerCommand => ({
    ...{ type: 'WithdrawStatement', data: { accountId: cash, statementId: 'day-1', position, reason: 'x' } },
  })
  for (const tenant of ['main', 'other'] as const) {
    assert.equal(books.give(tenant, importing), 'accepted')
    const alone = { command: 'WithdrawStatement', people: 1 } as const
    assert.equal(books.give(tenant, { type: 'SetPolicy', data: alone }), 'accepted')
  }
  assert.equal(books.give('main', withdrawing('0:9')), 'statement_not_found')
  assert.equal(books.give('main', withdrawing('0:7')), 'accepted')
  assert.equal(books.give('other', importing), 'statement_already_imported')
  assert.equal(books.give('main', importing), 'accepted')
  assert.equal(books.give('other', withdrawing('0:9')), 'accepted')
})

test('a payee is an account of the own tenant', () => {
  const books = bothOpened()
  const owner = OwnerId.parse('customer:ada')
  const asAda = { subject: owner, mayBook: false }
  const save = (id: string): LedgerCommand => ({
    ...{ type: 'SavePayee', data: { owner, alias: id, accountId: AccountId.parse(id) } },
  })
  books.give('main', about('FreezeAccount', 'ben'))
  books.give('main', open('eve'))
  assert.equal(books.give('main', save('ben'), asAda), 'payee_not_payable')
  assert.equal(books.give('other', save('ben'), asAda), 'accepted')
  assert.equal(books.give('main', save('eve'), asAda), 'accepted')
  assert.equal(books.give('other', save('eve'), asAda), 'payee_not_payable')
  const check: LedgerCommand = { type: 'CheckPayee', data: { owner, accountId: AccountId.parse('eve'), name: 'Eve' } }
  assert.equal(books.give('main', check, asAda), 'accepted')
  assert.equal(books.give('other', check, asAda), 'payee_not_payable')
})
