import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import type { Http } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import type { Caller } from '@micropay/schemas/api/token'
import { OwnerId } from '@micropay/schemas/identifiers'
import { ledgerIn, startOwner, stopOwner, type TestOwner } from '../handle/owner.fixture.ts'
import { buildCommandApp } from './build-app.ts'

const eventLog = openMemoryLog(createMemoryStore())
let owner: TestOwner
let app: Http

before(async () => {
  await eventLog.prepare(1)
  owner = startOwner(eventLog)
  app = await buildCommandApp({
    ...{ owners: [owner], requestHashKey: 'a key', verifyToken, log: createLogger('test', 'silent') },
  })
  for (const [accountId, type, owned] of [
    ['ada', 'customer', 'customer:ada'],
    ['ben', 'customer', 'customer:ben'],
    ['cash', 'external', 'house'],
  ]) {
    const account = { accountId, type, owner: owned, currency: 'EUR' }
    assert.equal((await post('/v1/accounts', account, `open-${accountId}`, operator)).statusCode, 201)
  }
  const deposit = { legs: [leg('cash', '-10000'), leg('ada', '9000'), leg('ben', '1000')] }
  assert.equal((await post('/v1/payments', deposit, 'first', operator)).json().kind, 'deposit')
})
after(() => stopOwner(owner))

async function verifyToken(authorization = ''): Promise<Caller> {
  const [subject = '', ...scopes] = authorization.split(' ')
  const who = { subject: OwnerId.parse(subject), client: 'test', tenant: 'main' }
  return { ...who, scopes: new Set(scopes), expiresAt: Number.POSITIVE_INFINITY }
}

const customer = 'customer:ada payments:make'
const operator = 'operator:olga accounts:manage payments:book'
const leg = (account: string, amount: string, more: object = {}) => ({ account, amount, currency: 'EUR', ...more })
const post = (url: string, payload: object, key?: string, authorization = customer) => {
  const headers = { authorization, ...(key === undefined ? {} : { 'idempotency-key': key }) }
  return app.inject({ method: 'POST', url, headers, payload })
}
const seqNow = async () => (await ledgerIn(eventLog)).state.seq

test('a payment of legs answers its legs, and one of postings both', async () => {
  const legs = [leg('ada', '-30'), leg('ada', '-20'), leg('ben', '50')]
  const free = await post('/v1/payments', { legs }, 'l1')
  assert.equal(free.statusCode, 201, free.body)
  const { postings: none, legs: told, kind } = free.json()
  assert.deepEqual([none, told, kind], [undefined, legs, 'payment'])
  const postings = [{ from: 'ada', to: 'ben', amount: '5', currency: 'EUR' }]
  const paired = (await post('/v1/payments', { postings }, 'l2')).json()
  assert.deepEqual(paired.postings, postings)
  assert.deepEqual(paired.legs, [leg('ada', '-5', { pair: 1 }), leg('ben', '5', { pair: 1 })])
})

test('the same key gets the same answer again, and another request under it is refused', async () => {
  const payment = { legs: [leg('ada', '-1'), leg('ben', '1')], reference: 'again' }
  const [first, second] = [await post('/v1/payments', payment, 'l3'), await post('/v1/payments', payment, 'l3')]
  assert.deepEqual([second.headers['idempotent-replayed'], second.body], ['true', first.body])
  assert.equal(second.headers.position, first.headers.position)
  const [one = leg('', ''), two = leg('', '')] = payment.legs
  const turned = await post('/v1/payments', { ...payment, legs: [two, one] }, 'l3')
  assert.deepEqual([turned.statusCode, turned.json().code], [422, 'idempotency_key_reused'])
})

test('legs that do not balance, or an account on both sides, are told by a code and appended nowhere', async () => {
  const before = await seqNow()
  const unbalanced = await post('/v1/payments', { legs: [leg('ada', '-100'), leg('ben', '99')] }, 'l4')
  const both = await post('/v1/payments', { legs: [leg('ada', '-2'), leg('ben', '1'), leg('ada', '1')] }, 'l5')
  const neither = await post('/v1/payments', { reference: 'nothing' }, 'l6')
  assert.deepEqual(
    [unbalanced, both, neither].map((answer) => [answer.statusCode, answer.json().code, answer.json().detail]),
    [
      [
        400,
        'legs_unbalanced',
        '/legs the legs in EUR sum to -1 and not to 0: what leaves accounts must come to others',
      ],
      [
        400,
        'account_on_both_sides',
        '/legs/2/account ada stands on both sides: let all legs of one account go the same way',
      ],
      [
        ...[400, 'invalid_request'],
        '/postings give postings (from, to, amount) or legs (account, signed amount), and not both',
      ],
    ],
  )
  assert.equal(await seqNow(), before)
})

test('an assertion that fails is a refusal with a position, and the same again', async () => {
  const payment = { legs: [leg('ada', '-1', { stands: '1' }), leg('ben', '1')] }
  const [first, second] = [await post('/v1/payments', payment, 'l7'), await post('/v1/payments', payment, 'l7')]
  assert.deepEqual([first.statusCode, first.json().code, first.json().outcome], [422, 'assertion_failed', 'refused'])
  assert.match(first.json().detail, /^ada would stand at 89\.43 EUR and not at 0\.01 EUR/)
  assert.deepEqual(
    [first.json().errors[0].pointer, first.headers.position],
    ['/legs/0/stands', second.headers.position],
  )
})

test('a dry run tells the same and appends nothing', async () => {
  const before = await seqNow()
  const legs = [leg('ada', '-1', { stands: '8943' }), leg('ben', '1')]
  const right = await post('/v1/payments', { legs, dryRun: true })
  assert.deepEqual([right.statusCode, right.json().paymentId, right.json().legs], [200, null, legs])
  const wrong = { legs: [leg('ada', '-1', { stands: '8944' }), leg('ben', '1')], dryRun: true }
  assert.equal((await post('/v1/payments', wrong)).json().code, 'assertion_failed')
  assert.equal(await seqNow(), before)
})

test('items of a batch have legs, each with an outcome of its own, in order', async () => {
  const { state } = await ledgerIn(eventLog)
  const payments = [
    { idempotencyKey: 'b1', legs: [leg('ada', '-3', { stands: '8941' }), leg('ben', '3')] },
    { idempotencyKey: 'b2', legs: [leg('ada', '-3'), leg('ben', '2')] },
    { idempotencyKey: 'b3', legs: [leg('ada', '-1', { stands: '8940' }), leg('ben', '1')] },
    { idempotencyKey: 'b4', legs: [leg('ada', '-1'), leg('ben', '1')], postings: [] },
    { idempotencyKey: 'b5', legs: [leg('ben', '-1'), leg('ada', '1')] },
    { idempotencyKey: 'b1', legs: [leg('ada', '-3', { stands: '8941' }), leg('ben', '3')] },
  ]
  const { results } = (await post('/v1/payments/batch', { payments })).json()
  assert.deepEqual(
    results.map((each: { status: number; problem?: { code: string } }) => each.problem?.code ?? each.status),
    [201, 'legs_unbalanced', 201, 'invalid_request', 'account_not_found', 201],
  )
  assert.deepEqual([results[0].payment.legs, results[5].replayed], [payments[0]?.legs, true])
  assert.equal(await seqNow(), state.seq + 3)
})
