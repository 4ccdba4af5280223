import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PaymentPage, PaymentWithRefunds } from '@micropay/schemas/api/payment'
import { type ReadSideFixture, startReadSide } from './read-side.fixture.ts'

const maker = { subject: 'customer:ada', client: 'phone' }
const actor = 'operator:otto'
const posting = { from: 'ada:main', to: 'bob:main', amount: '100', currency: 'EUR' }
const cause = { code: 'account_closed', detail: 'bob:main is closed' }
let side: ReadSideFixture

const data = { postings: [posting] }
const notPayable = 'bob:main cannot be paid: ask whom you want to pay which account they have'

/** From 0:7 on, and what ada is told of each. */
const refusedByStaff = [
  { code: 'account_frozen', detail: 'bob:main is frozen', pointer: '/postings/0/to', told: notPayable },
  { code: 'account_closed', detail: 'bob:main is closed', pointer: '/postings/0/to', told: notPayable },
  { code: 'currency_mismatch', detail: 'bob:main holds USD', pointer: '/postings/0/currency', told: notPayable },
  { code: 'account_frozen', detail: 'ada:main is frozen', pointer: '/postings/0/from', told: undefined },
  { code: 'insufficient_funds', detail: 'ada:main has 0', pointer: '/postings/0/amount', told: undefined },
] as const

/** Approved in this and in an earlier generation, then refused in both, and last refused for the approval itself. */
const [approved, approvedBefore, refused, refusedBefore] = ['pay-0-3', 'pay-0-4', 'pay-0-5', 'pay-0-6'] as const

const staff = { subject: 'operator:olga', client: 'desk' }

before(async () => {
  side = await startReadSide()
  const { ledger } = side
  const approve = (proposalId: string, more: object) => {
    const legs = [
      { account: 'ada:main', amount: '-100', currency: 'EUR', pair: 1 },
      { account: 'bob:main', amount: '100', currency: 'EUR', pair: 1 },
    ]
    const paymentId = `pay-0-${ledger.position().seq + 1}`
    const effectiveAt = '2026-03-01T09:00:00.000Z'
    const events = [
      { type: 'CommandApproved', version: 2, data: { proposalId, ...more } },
      { type: 'PaymentPosted', version: 2, data: { paymentId, kind: 'payment', legs, effectiveAt } },
    ]
    return ledger.decide('ApproveCommand', events, { actor })
  }
  const refuse = (more: object) =>
    ledger.refuse(
      { proposalId: 'prp-0-93', hash: 'h'.repeat(43), ...more },
      ...[
        { type: 'ApproveCommand', actor, code: 'payee_not_payable', detail: 'bob:main cannot be paid', cause } as const,
      ],
    )
  await side.append(
    ...[ledger.genesis(), ledger.claim()],
    ledger.open('ada:main', { overdraftLimit: '500' }),
    ledger.open('bob:main', { owner: 'customer:bob' }),
    approve('prp-0-91', { maker }),
    approve('prp-0-92', {}),
    refuse({ maker, command: { type: 'MakePayment', data: { postings: [posting], reference: 'rent' } } }),
    refuse({}),
    ...refusedByStaff.map(({ code, detail, pointer }) =>
      ledger.refuse({ postings: [posting] }, { actor: staff.subject, code, detail, pointer }),
    ),
    ledger.refuse(
      { proposalId: 'prp-0-94', hash: 'h'.repeat(43), maker: staff, command: { type: 'MakePayment', data } },
      {
        type: 'ApproveCommand',
        actor,
        code: 'account_frozen',
        detail: 'bob:main is frozen',
        pointer: '/postings/0/to',
      },
    ),
  )
  side.project()
  await side.get('/v1/accounts', 'finance', { 'at-least': '0:12', prefer: 'wait=10' })
})
after(() => side.close())

async function given(paymentId: string, who: string) {
  const answer = await side.get(`/v1/payments/${paymentId}`, who)
  assert.equal(answer.statusCode, 200, answer.body)
  const payment = PaymentWithRefunds.parse(answer.json())
  return [payment.actor, payment.approvedBy]
}

test('a payment that somebody approved is of who asked for it; who approved it is told to staff alone', async () => {
  assert.deepEqual(await given(approved, 'finance'), ['customer:ada', actor])
  assert.deepEqual(await given(approved, 'ada'), ['customer:ada', undefined])
  assert.deepEqual(await given(approved, 'bob'), [undefined, undefined])
})

test('where the log does not say for whom it was approved, nobody has asked for it', async () => {
  assert.deepEqual(await given(approvedBefore, 'finance'), [undefined, actor])
  assert.deepEqual(await given(approvedBefore, 'ada'), [undefined, undefined])
})

test('what is refused when it is approved is a refused payment of who asked for it', async () => {
  assert.deepEqual(await given(refused, 'finance'), ['customer:ada', actor])
  assert.deepEqual(await given(refused, 'ada'), ['customer:ada', undefined])
  assert.equal((await side.get(`/v1/payments/${refused}`, 'bob')).statusCode, 404)
  const { status, reference, postings, rejection } = (await side.get(`/v1/payments/${refused}`, 'finance')).json()
  assert.deepEqual([status, reference, postings.length, rejection.cause], ['rejected', 'rent', 1, cause])
  assert.equal((await side.get(`/v1/payments/${refused}`, 'ada')).json().rejection.cause, undefined)
})

test('why the account of somebody else cannot be paid is told to staff, and not to whom they book for', async () => {
  const rejectionOf = async (paymentId: string, who: string) =>
    (await side.get(`/v1/payments/${paymentId}`, who)).json().rejection
  for (const [index, { code, detail, told }] of refusedByStaff.entries()) {
    const paymentId = `pay-0-${7 + index}`
    assert.deepEqual(await rejectionOf(paymentId, 'finance'), { code, detail })
    const expected = told === undefined ? { code, detail } : { code: 'payee_not_payable', detail: told }
    assert.deepEqual(await rejectionOf(paymentId, 'ada'), expected)
  }
  assert.equal((await rejectionOf('pay-0-12', 'finance')).code, 'account_frozen')
  assert.deepEqual(await rejectionOf('pay-0-12', 'ada'), { code: 'payee_not_payable', detail: notPayable })
})

test('it is listed as such, and an approval that was refused for itself is not', async () => {
  const listed = async (who: string, query = '') => {
    const { items } = PaymentPage.parse((await side.get(`/v1/payments${query}`, who)).json())
    return items.map(({ paymentId }) => paymentId)
  }
  const byStaff = [12, 11, 10, 9, 8, 7].map((seq) => `pay-0-${seq}`)
  for (const who of ['finance', 'ada']) {
    assert.deepEqual(await listed(who), [...byStaff, refused, approvedBefore, approved], who)
  }
  assert.deepEqual(await listed('ada', '?status=rejected'), [...byStaff, refused])
  assert.deepEqual(await listed('bob'), [approvedBefore, approved])
  assert.equal((await side.get(`/v1/payments/${refusedBefore}`, 'finance')).statusCode, 404)
})
