import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OpenAccount } from '@micropay/schemas/api/account'
import { BatchPayment } from '@micropay/schemas/api/payment'
import { berkaAccount, berkaFault, berkaPayment } from './berka.ts'

const header =
  'seq,date,intraday,trans_id,account_id,amount_haler,rounding_haler,balance_haler,type,operation,k_symbol,bank,account,subset'.split(
    ',',
  )
const fieldsOf = (line: string) =>
  Object.fromEntries(line.split(',').map((value, index) => [header[index] ?? '', value]))

const deposit = '1,1993-01-01,0,171812,576,90000,0,90000,PRIJEM,credit in cash,,,,prefix1993'

test('a deposit in cash moves money from the cash desk to the customer on its own date', () => {
  assert.deepEqual(berkaPayment(fieldsOf(deposit)), {
    idempotencyKey: 'berka:171812',
    postings: [{ from: 'berka:cash', to: 'berka:576', amount: '90000', currency: 'CZK' }],
    effectiveAt: '1993-01-01T00:00:00Z',
    reference: 'berka 171812',
    description: 'credit in cash',
    metadata: { type: 'PRIJEM', operation: 'credit in cash' },
  })
})

const counterparties: readonly [string, string, string, string][] = [
  [
    'a remittance',
    '7,1993-02-01,0,12,576,-5000,0,1,VYDAJ,remittance to another bank,household,AB,62123456,x',
    'berka:576',
    'berka:bank:AB',
  ],
  [
    'a collection',
    '7,1993-02-01,0,12,576,5000,0,1,PRIJEM,collection from another bank,,YZ,6212,x',
    'berka:bank:YZ',
    'berka:576',
  ],
  ['interest', '7,1993-02-01,0,12,576,5000,0,1,PRIJEM,,interest credited,,,x', 'berka:interest', 'berka:576'],
  [
    'a fee',
    '7,1993-02-01,0,12,576,-1460,0,1,VYDAJ,withdrawal in cash,payment for statement,,,x',
    'berka:576',
    'berka:fees',
  ],
  [
    'a penalty',
    '7,1993-02-01,0,12,576,-10,0,1,VYDAJ,withdrawal in cash,sanction interest if negative balance,,,x',
    'berka:576',
    'berka:penalty-interest',
  ],
  ['a card withdrawal', '7,1993-02-01,0,12,576,-10,0,1,VYDAJ,credit card withdrawal,,,,x', 'berka:576', 'berka:cards'],
  [
    'cash with a purpose',
    '7,1993-02-01,0,12,576,-10,0,1,VYDAJ,withdrawal in cash,household,,,x',
    'berka:576',
    'berka:cash',
  ],
]
for (const [title, line, from, to] of counterparties) {
  test(`${title} goes from ${from} to ${to}, in an amount without sign`, () => {
    const payment = berkaPayment(fieldsOf(line))
    assert.deepEqual(
      payment.postings?.map((posting) => [posting.from, posting.to]),
      [[from, to]],
    )
    assert.ok(BatchPayment.safeParse(payment).success)
  })
}

test('a rounding is a second posting of the same payment, in its own direction', () => {
  const payment = berkaPayment(fieldsOf('9,1993-02-01,0,13,576,5000,-10,1,PRIJEM,,interest credited,,,x'))
  assert.deepEqual(payment.postings, [
    { from: 'berka:interest', to: 'berka:576', amount: '5000', currency: 'CZK' },
    { from: 'berka:576', to: 'berka:rounding', amount: '10', currency: 'CZK' },
  ])
})

test('the other bank and the account there are part of the description', () => {
  const payment = berkaPayment(fieldsOf(counterparties[0]?.[1] ?? ''))
  assert.equal(payment.description, 'household (AB 62123456)')
})

test('every account that a row can name can be opened as it is, without a limit', () => {
  for (const id of [
    'berka:576',
    'berka:cash',
    'berka:bank:AB',
    'berka:fees',
    'berka:interest',
    'berka:rounding',
    'berka:cards',
    'berka:penalty-interest',
  ]) {
    const account = OpenAccount.parse(berkaAccount(id))
    assert.equal(account.overdraftLimit, 'unlimited')
  }
  assert.equal(berkaAccount('berka:576').type, 'customer')
  assert.equal(berkaAccount('berka:576').owner, 'berka:client:576')
  assert.equal(berkaAccount('berka:bank:AB').type, 'external')
  assert.equal(berkaAccount('berka:rounding').type, 'internal')
})

test('a good row has no fault', () => assert.equal(berkaFault(fieldsOf(deposit)), undefined))

const faults: readonly [string, RegExp][] = [
  ['1,1993-02-30,0,171812,576,90000,0,90000,a,b,,,,x', /^date is "1993-02-30"/],
  ['1,930101,0,171812,576,90000,0,90000,a,b,,,,x', /^date is "930101"/],
  ['1,1993-01-01,0,,576,90000,0,90000,a,b,,,,x', /^trans_id is ""/],
  ['1,1993-01-01,0,1,57.6,90000,0,90000,a,b,,,,x', /^account_id is "57.6"/],
  ['1,1993-01-01,0,1,576,0,0,90000,a,b,,,,x', /^amount_haler is "0"/],
  ['1,1993-01-01,0,1,576,900.00,0,90000,a,b,,,,x', /^amount_haler is "900.00", and must be an integer/],
  ['1,1993-01-01,0,1,576,90000,-0,90000,a,b,,,,x', /^rounding_haler is "-0"/],
  ['1,1993-01-01,0,1,576,90000,0,,a,b,,,,x', /^balance_haler is ""/],
  ['1,1993-01-01,0,1,576,90000,0,1,a,b,,a b,,x', /^bank is "a b"/],
]
for (const [line, expected] of faults) {
  test(`the row ${line} is refused for its ${expected.source.slice(1).split(' ')[0]}`, () => {
    assert.match(berkaFault(fieldsOf(line)) ?? '', expected)
  })
}
