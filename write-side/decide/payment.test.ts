import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountState } from './account-state.ts'
import { account, codeOf, pay, posted, posting } from './payment.fixture.ts'

const ada = account('ada', { balanceMinor: 1000n })
const ben = account('ben', { owner: 'customer:ben' })
const cash = account('cash', { type: 'external', owner: 'house', overdraftLimit: 'unlimited', balanceMinor: -1000n })
const fees = account('fees', { type: 'internal', owner: 'house', overdraftLimit: 'unlimited' })

test('a payment within the balance is posted, with the caller told what it was', () => {
  const decision = pay([ada, ben], { postings: [posting('ada', 'ben', '1000')], reference: 'rent' })
  assert.deepEqual(decision, {
    kind: 'accepted',
    events: [
      {
        type: 'PaymentPosted',
        version: 2,
        data: {
          paymentId: 'pay-0-7',
          kind: 'payment',
          legs: [
            { account: 'ada', amount: '-1000', currency: 'EUR', pair: 1 },
            { account: 'ben', amount: '1000', currency: 'EUR', pair: 1 },
          ],
          effectiveAt: '2026-03-01T09:30:00.000Z',
          personal: { subject: 'customer:ada', form: 'plain', data: { reference: 'rent' } },
        },
      },
    ],
  })
})

const refusals: readonly [string, AccountState[], object[], string, string | undefined][] = [
  [
    'one cent more than there is',
    [ada, ben],
    [posting('ada', 'ben', '1001')],
    'insufficient_funds',
    '/postings/0/amount',
  ],
  ['an unknown payer', [ben], [posting('ada', 'ben', '1')], 'account_not_found', '/postings/0/from'],
  ['an unknown payee', [ada], [posting('ada', 'ben', '1')], 'account_not_found', '/postings/0/to'],
  ["somebody else's account", [ada, ben], [posting('ben', 'ada', '1')], 'account_not_found', '/postings/0/from'],
  [
    "another tenant's payee",
    [ada, account('ben', { tenant: 'other' })],
    [posting('ada', 'ben', '1')],
    'account_not_found',
    '/postings/0/to',
  ],
  [
    'a closed payee',
    [ada, account('ben', { status: 'closed' })],
    [posting('ada', 'ben', '1')],
    'account_closed',
    '/postings/0/to',
  ],
  [
    'a frozen payer',
    [account('ada', { status: 'frozen' }), ben],
    [posting('ada', 'ben', '1')],
    'account_frozen',
    '/postings/0/from',
  ],
  ['another currency', [ada, ben], [posting('ada', 'ben', '1', 'USD')], 'currency_mismatch', '/postings/0/currency'],
  [
    "the payee's other currency",
    [ada, account('ben', { currency: 'USD' })],
    [posting('ada', 'ben', '1')],
    'currency_mismatch',
    '/postings/0/currency',
  ],
  [
    'postings that together exceed the balance',
    [ada, ben, fees],
    [posting('ada', 'ben', '999'), posting('ada', 'fees', '2')],
    'insufficient_funds',
    '/postings/0/amount',
  ],
  [
    'the second posting alone being wrong',
    [ada, ben],
    [posting('ada', 'ben', '1'), posting('ada', 'eve', '1')],
    'account_not_found',
    '/postings/1/to',
  ],
  [
    'closed before frozen, wherever each stands',
    [account('ada', { status: 'frozen' }), account('ben', { status: 'closed' })],
    [posting('ada', 'ben', '1')],
    'account_closed',
    '/postings/0/to',
  ],
]
for (const [title, accounts, postings, code, pointer] of refusals) {
  test(`refused: ${title}`, () => {
    const decision = pay(accounts, { postings }, { generation: 1 })
    assert.equal(decision.kind, 'rejected')
    assert.deepEqual(decision.kind === 'rejected' && [decision.code, decision.pointer], [code, pointer])
  })
}

test('an overdraft limit may be used to its last cent and no further', () => {
  const limited = account('ada', { overdraftLimit: '500' })
  assert.equal(pay([limited, ben], { postings: [posting('ada', 'ben', '500')] }).kind, 'accepted')
  assert.equal(codeOf(pay([limited, ben], { postings: [posting('ada', 'ben', '501')] })), 'insufficient_funds')
})

test('a payment may pass on money that it brings', () => {
  const postings = [posting('ada', 'ben', '900'), posting('ben', 'fees', '900')]
  assert.equal(pay([ada, ben, fees], { postings }, { mayBook: true }).kind, 'accepted')
})

test('a balance may reach the edge of int8 and not pass it', () => {
  const edge = account('ben', { balanceMinor: 2n ** 63n - 2n })
  assert.equal(pay([ada, edge], { postings: [posting('ada', 'ben', '1')] }).kind, 'accepted')
  assert.equal(codeOf(pay([ada, edge], { postings: [posting('ada', 'ben', '2')] })), 'balance_overflow')
})

test('a balance does not pass the edge of int8 between two postings either', () => {
  const edge = account('ben', { balanceMinor: 2n ** 63n - 2n })
  const there = posting('ada', 'ben', '2')
  const back = posting('ben', 'ada', '2')
  assert.equal(codeOf(pay([ada, edge], { postings: [there, back] }, { mayBook: true })), 'balance_overflow')
  assert.equal(pay([ada, edge], { postings: [back, there] }, { mayBook: true }).kind, 'accepted')
})

test('money from an external account is a deposit, money to it a withdrawal, and only a booker may take it out', () => {
  const [deposit, withdrawal, fee] = [
    posting('cash', 'ada', '5'),
    posting('ada', 'cash', '5'),
    posting('ada', 'fees', '5'),
  ]
  assert.equal(posted(pay([ada, cash], { postings: [deposit] }, { mayBook: true }))?.kind, 'deposit')
  assert.equal(posted(pay([ada, cash], { postings: [withdrawal] }, { mayBook: true }))?.kind, 'withdrawal')
  assert.equal(posted(pay([ada, fees], { postings: [fee] }, { mayBook: true }))?.kind, 'transfer')
  assert.equal(codeOf(pay([ada, cash], { postings: [deposit] })), 'account_not_found')
})

test('effectiveAt is kept as an instant in UTC', () => {
  const payment = { postings: [posting('ada', 'ben', '1')], effectiveAt: '1993-01-01T01:00:00+01:00' }
  const decision = pay([ada, ben], payment, { mayBook: true })
  assert.equal(posted(decision)?.effectiveAt, '1993-01-01T00:00:00.000Z')
})
