import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { EntryPage } from '@micropay/schemas/api/account'
import { PaymentPage, PaymentWithRefunds } from '@micropay/schemas/api/payment'
import { type ReadSideFixture, startReadSide } from './read-side.fixture.ts'

let side: ReadSideFixture
const part = (paymentId: string) => ({ reverses: { paymentId, whole: false }, description: 'Broken' })
const byBob = { type: 'RefundPayment', actor: 'customer:bob' } as const
const strangers = [
  { account: 'ada:main', amount: '-100', currency: 'EUR' },
  { account: 'bob:main', amount: '100', currency: 'EUR' },
]
const MOST = 10 ** 15
const many = (amount: number, account: string): [string, number][] => [
  [account, amount],
  [account, amount],
]

before(async () => {
  side = await startReadSide()
  const { ledger } = side
  const unlimited = { overdraftLimit: 'unlimited' }
  await side.append(
    ledger.genesis(),
    ledger.claim(),
    ledger.open('ada:main', { ...unlimited, name: 'Main' }),
    ledger.open('bob:main', { ...unlimited, owner: 'customer:bob', name: 'Bob' }),
    ledger.open('fees', { ...unlimited, type: 'internal', owner: 'house' }),
    // 0:4, of which 0:5 and 0:6 give back a part, and 0:7 is refused.
    ledger.pay([['ada:main', 'bob:main', 1_000]], { reference: 'INV-7' }),
    ledger.pay([['bob:main', 'ada:main', 300]], { ...part('pay-0-4'), corrects: 'prd-0-2' }),
    ledger.pay([['bob:main', 'ada:main', 50]], part('pay-0-4')),
    ledger.refuse(
      { paymentId: 'pay-0-4', amount: '900', reason: 'Broken' },
      { type: 'RefundPayment', code: 'refund_exceeds_payment', detail: '6.50 EUR of pay-0-4 is left' },
    ),
    // 0:8, one pays two; 0:9 gives all of it back.
    ledger.payLegs([
      ['ada:main', -100],
      ['bob:main', 70],
      ['fees', 30],
    ]),
    ledger.payLegs(
      [
        ['bob:main', -70],
        ['fees', -30],
        ['ada:main', 100],
      ],
      { reverses: { paymentId: 'pay-0-8', whole: true } },
    ),
    // 0:10 and 0:11, Bob's own attempt without legs, and one that names what is Ada's.
    ledger.refuse(
      { paymentId: 'pay-0-4', amount: '651', reason: 'Mine' },
      { ...byBob, code: 'refund_exceeds_payment', detail: '6.50 EUR of pay-0-4 is left' },
    ),
    ledger.refuse(
      { paymentId: 'pay-0-999', legs: strangers, reason: 'Call me' },
      { ...byBob, code: 'payment_not_found', detail: 'there is no payment pay-0-999 that you may give back' },
    ),
    // 0:12 and 0:13, a payment of more than one leg may move, given back.
    ledger.payLegs([...many(-MOST, 'bob:main'), ...many(MOST, 'fees')]),
    ledger.payLegs([...many(MOST, 'bob:main'), ...many(-MOST, 'fees')], {
      reverses: { paymentId: 'pay-0-12', whole: true },
    }),
  )
  side.project()
  const response = await side.get('/v1/accounts', 'finance', { 'at-least': '0:13', prefer: 'wait=10' })
  assert.equal(response.statusCode, 200)
})
after(() => side.close())

async function payment(paymentId: string, who = 'finance') {
  const response = await side.get(`/v1/payments/${paymentId}`, who)
  assert.equal(response.statusCode, 200, response.body)
  return PaymentWithRefunds.parse(response.json())
}

test('a payment lists what was given back of it, and says what is left on each account', async () => {
  const { reverses, refunds, refundable } = await payment('pay-0-4')
  assert.equal(reverses, null)
  assert.deepEqual(
    refunds.map(({ paymentId, position, whole, amounts }) => [paymentId, position, whole, amounts]),
    [
      ['pay-0-5', '0:5', false, [{ currency: 'EUR', amount: '300' }]],
      ['pay-0-6', '0:6', false, [{ currency: 'EUR', amount: '50' }]],
    ],
  )
  assert.deepEqual(refundable, [
    { account: 'ada:main', amount: '-650', currency: 'EUR' },
    { account: 'bob:main', amount: '650', currency: 'EUR' },
  ])
  const { reverses: of, corrects, refundable: none } = await payment('pay-0-5')
  assert.deepEqual([of, corrects, none], [{ paymentId: 'pay-0-4', whole: false }, 'prd-0-2', []])
})

test('who was paid is told of the own account alone, and of what they see of each refund', async () => {
  assert.deepEqual((await payment('pay-0-4', 'bob')).refundable, [
    { account: 'bob:main', amount: '650', currency: 'EUR' },
  ])
  const { refunds, refundable } = await payment('pay-0-8', 'bob')
  assert.deepEqual([refunds.map(({ amounts }) => amounts), refundable], [[[{ currency: 'EUR', amount: '70' }]], []])
  assert.deepEqual((await payment('pay-0-8')).refundable, [])
})

async function refusedOf(who: string) {
  return PaymentPage.parse((await side.get('/v1/payments?status=rejected', who)).json()).items
}

test('a refund that was refused is listed with what it was to give back', async () => {
  const refused = (await refusedOf('finance')).find(({ paymentId }) => paymentId === 'pay-0-7')
  assert.deepEqual(
    [refused?.paymentId, refused?.reverses, refused?.description, refused?.rejection?.code],
    ['pay-0-7', { paymentId: 'pay-0-4', whole: false }, 'Broken', 'refund_exceeds_payment'],
  )
})

test('a refund that was refused is shown to who asked for it, and to none whose account it names', async () => {
  assert.equal((await refusedOf('finance')).length, 3)
  assert.deepEqual(await refusedOf('ada'), [])
  for (const paymentId of ['pay-0-10', 'pay-0-11']) {
    assert.equal((await side.get(`/v1/payments/${paymentId}`, 'ada')).statusCode, 404)
    assert.equal((await payment(paymentId, 'bob')).status, 'rejected')
  }
})

test('what a refund gives back in sum may be more than one leg may move', async () => {
  const { refunds } = await payment('pay-0-12')
  assert.deepEqual(refunds[0]?.amounts, [{ currency: 'EUR', amount: '2000000000000000' }])
})

test('a statement and both files say which line gives which payment back', async () => {
  const entries = EntryPage.parse((await side.get('/v1/accounts/ada:main/entries', 'ada')).json()).items
  assert.deepEqual(
    entries.map(({ paymentId, reverses }) => [paymentId, reverses]),
    [
      ['pay-0-9', 'pay-0-8'],
      ['pay-0-8', null],
      ['pay-0-6', 'pay-0-4'],
      ['pay-0-5', 'pay-0-4'],
      ['pay-0-4', null],
    ],
  )
  const column = async (path: string) => {
    const lines = (await side.get(path, 'ada')).body.trim().split('\r\n')
    return lines.map((line) => line.split(',').at(-1))
  }
  assert.deepEqual(await column('/v1/accounts/ada:main/entries.csv'), [
    'reverses',
    ...['pay-0-8', '', 'pay-0-4', 'pay-0-4', ''],
  ])
  assert.deepEqual(await column('/v1/payments.csv?status=posted&sort=-decided'), [
    'reverses',
    ...['pay-0-8', '', 'pay-0-4', 'pay-0-4', ''],
  ])
})
