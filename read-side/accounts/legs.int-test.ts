import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { EntryPage } from '@micropay/schemas/api/account'
import { Payment, PaymentPage } from '@micropay/schemas/api/payment'
import { type ReadSideFixture, startReadSide } from './read-side.fixture.ts'

let side: ReadSideFixture
const leg = (account: string, amount: string) => ({ account, amount, currency: 'EUR' })

before(async () => {
  side = await startReadSide()
  const { ledger } = side
  const unlimited = { overdraftLimit: 'unlimited' }
  await side.append(
    ledger.genesis(),
    ledger.claim(),
    ledger.open('ada:main', { ...unlimited, name: 'Main' }),
    ledger.open('ada:savings', unlimited),
    ledger.open('bob:main', { ...unlimited, owner: 'customer:bob', name: 'Bob' }),
    ledger.open('eve:main', { ...unlimited, owner: 'customer:eve', name: 'Eve Secret' }),
    ledger.open('fees', { ...unlimited, type: 'internal', owner: 'house', name: 'Fees' }),
    // 0:6, one pays two.
    ledger.payLegs(
      [
        ['ada:main', -1_000],
        ['bob:main', 900],
        ['fees', 100, { stands: '100' }],
      ],
      { kind: 'transfer', reference: 'split' },
    ),
    // 0:7, two pay two, and one is only looked at.
    ledger.payLegs([
      ['ada:main', -60],
      ['bob:main', -40],
      ['eve:main', 70],
      ['fees', 30],
      ['ada:savings', 0, { stands: '0' }],
    ]),
    // 0:8, one pays one.
    ledger.payLegs([
      ['bob:main', -5],
      ['ada:main', 5],
    ]),
    // 0:9 and 0:10, refused.
    ledger.refuse(
      { legs: [leg('ada:main', '-9000'), leg('bob:main', '-1'), leg('fees', '9001')] },
      { detail: 'ada:main has 80.00 EUR available', pointer: '/legs/0/amount' },
    ),
    ledger.refuse({ legs: [leg('ada:savings', '0'), leg('ada:main', '-8'), leg('eve:main', '8')] }),
  )
  side.project()
  const response = await side.get('/v1/accounts', 'finance', { 'at-least': '0:10', prefer: 'wait=10' })
  assert.equal(response.statusCode, 200)
})
after(() => side.close())

async function paymentFor(who: string, paymentId: string) {
  const { legs, postings, rejection } = Payment.parse((await side.get(`/v1/payments/${paymentId}`, who)).json())
  assert.equal(postings, undefined)
  return { legs: legs.map(({ account, amount, name }) => [account, amount, name]), detail: rejection?.detail }
}

async function found(who: string, query: string): Promise<string[]> {
  const response = await side.get(`/v1/payments?${query}`, who)
  assert.equal(response.statusCode, 200, `${query}: ${response.body}`)
  return PaymentPage.parse(response.json()).items.map(({ paymentId }) => paymentId.replace('pay-0-', ''))
}

async function entriesOf(accountId: string, who: string, query = '') {
  const response = await side.get(`/v1/accounts/${accountId}/entries?${query}`, who)
  return EntryPage.parse(response.json()).items
}

test('staff see all legs with their names and what they assert, and an owner those on own accounts alone', async () => {
  assert.deepEqual((await paymentFor('finance', 'pay-0-6')).legs, [
    ['ada:main', '-1000', 'Main'],
    ['bob:main', '900', 'Bob'],
    ['fees', '100', 'Fees'],
  ])
  assert.deepEqual((await paymentFor('ada', 'pay-0-6')).legs, [['ada:main', '-1000', 'Main']])
  assert.deepEqual((await paymentFor('bob', 'pay-0-6')).legs, [['bob:main', '900', 'Bob']])
  assert.deepEqual((await paymentFor('ada', 'pay-0-7')).legs, [
    ['ada:main', '-60', 'Main'],
    ['ada:savings', '0', null],
  ])
  const whole = Payment.parse((await side.get('/v1/payments/pay-0-6', 'finance')).json())
  assert.equal(whole.legs[2]?.stands, '100')
})

test('a statement says the only account on the other side, with its name, or none', async () => {
  const seen = async (accountId: string, who: string) =>
    (await entriesOf(accountId, who)).map(({ paymentId, index, counterparty, counterpartyName, amount, ...entry }) => [
      ...[paymentId, index, counterparty, counterpartyName, amount, entry.balanceAfter],
    ])
  assert.deepEqual(await seen('ada:main', 'ada'), [
    ['pay-0-8', 1, 'bob:main', 'Bob', '5', '-1055'],
    ['pay-0-7', 0, null, null, '-60', '-1060'],
    ['pay-0-6', 0, null, null, '-1000', '-1000'],
  ])
  assert.deepEqual(await seen('bob:main', 'bob'), [
    ['pay-0-8', 0, 'ada:main', 'Main', '-5', '855'],
    ['pay-0-7', 1, null, null, '-40', '860'],
    ['pay-0-6', 1, 'ada:main', 'Main', '900', '900'],
  ])
  assert.deepEqual(await seen('ada:savings', 'ada'), [['pay-0-7', 4, null, null, '0', '0']])
})

test('a refused payment is seen by each that was to pay, who does not learn what another has', async () => {
  assert.deepEqual(await paymentFor('finance', 'pay-0-9'), {
    legs: [
      ['ada:main', '-9000', 'Main'],
      ['bob:main', '-1', 'Bob'],
      ['fees', '9001', 'Fees'],
    ],
    detail: 'ada:main has 80.00 EUR available',
  })
  assert.deepEqual(await paymentFor('bob', 'pay-0-9'), {
    legs: [['bob:main', '-1', 'Bob']],
    detail: 'The account does not hold enough',
  })
  assert.deepEqual((await paymentFor('ada', 'pay-0-10')).legs, [
    ['ada:savings', '0', null],
    ['ada:main', '-8', 'Main'],
  ])
  assert.deepEqual(await found('ada', 'status=rejected'), ['10', '9'])
  assert.deepEqual(await found('bob', 'status=rejected'), ['9'])
  assert.deepEqual(await found('ada', 'status=rejected&account=ada:savings'), ['10'])
})

const searches: readonly [query: string, ofFinance: readonly string[], ofAda: readonly string[]][] = [
  ['minAmount=900&maxAmount=900', ['6'], []],
  ['minAmount=1000&maxAmount=1000', ['6'], ['6']],
  ['minAmount=70&maxAmount=70', ['7'], []],
  ['maxAmount=5', ['8', '7'], ['8', '7']],
  ['counterparty=bob:main', ['8', '7', '6'], ['8']],
  ['counterparty=Bob', ['8', '7', '6'], ['8']],
  ['counterparty=eve:main', ['7'], []],
  ['counterparty=Secret', ['7'], []],
  ['counterparty=fees', ['7', '6'], []],
  ['counterparty=Main', ['8', '7', '6'], []],
]
for (const [query, ofFinance, ofAda] of searches) {
  test(`${query} is looked for in all legs for staff, and for an owner in what the own entries show`, async () => {
    assert.deepEqual(await found('finance', `status=posted&${query}`), ofFinance)
    assert.deepEqual(await found('ada', `status=posted&${query}`), ofAda)
    const entries = [...(await entriesOf('ada:main', 'ada', query)), ...(await entriesOf('ada:savings', 'ada', query))]
    assert.deepEqual(
      entries.map(({ paymentId }) => paymentId.replace('pay-0-', '')),
      ofAda,
      'as on the statements',
    )
  })
}

test('a direction is that of a leg on an own account, or on the one that staff ask about', async () => {
  assert.deepEqual(await found('ada', 'status=posted&direction=out'), ['7', '6'])
  assert.deepEqual(await found('ada', 'status=posted&direction=in'), ['8'])
  assert.deepEqual(await found('finance', 'account=bob:main&status=posted&direction=in&minAmount=900'), ['6'])
  assert.deepEqual(await found('finance', 'account=fees&status=posted&direction=in&counterparty=ada:main'), ['7', '6'])
})

test('who is named beside one in a payment that was refused is not found out', async () => {
  assert.deepEqual(await found('finance', 'status=rejected&counterparty=fees'), ['9'])
  assert.deepEqual(await found('finance', 'status=rejected&counterparty=bob:main'), ['9'])
  for (const other of ['fees', 'bob:main', 'eve:main']) {
    assert.deepEqual(await found('ada', `status=rejected&counterparty=${other}`), [], other)
  }
})

test('a file of payments has a line for each leg, on the side where it stands', async () => {
  const { body } = await side.get('/v1/payments.csv?status=posted', 'finance')
  const lines = body.split('\r\n').map((line) => {
    const [payment, , , , , from, fromName, to, toName, amount] = line.split(',')
    return [payment, from, fromName, to, toName, amount].join(' ')
  })
  assert.deepEqual(lines.slice(3, 8), [
    'pay-0-7 ada:main Main   0.60',
    'pay-0-7 bob:main Bob   0.40',
    'pay-0-7   eve:main Eve Secret 0.70',
    'pay-0-7   fees Fees 0.30',
    'pay-0-7   ada:savings  0.00',
  ])
  const own = await side.get('/v1/payments.csv?reference=split', 'ada')
  assert.match(own.body, /^[^\r]*\r\npay-0-6,[^\r]*,ada:main,Main,,,10\.00,EUR,split,[^\r]*\r\n$/)
})

test('a file of entries leaves out who is not one account', async () => {
  const { body } = await side.get('/v1/accounts/ada:main/entries.csv', 'ada')
  const lines = body.split('\r\n').map((line) => line.split(',').slice(5, 8).join(' '))
  assert.deepEqual(lines.slice(1, 4), ['bob:main Bob 0.05', '  -0.60', '  -10.00'])
})
