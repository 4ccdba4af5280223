import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import type { Http } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import type { Caller } from '@micropay/schemas/api/token'
import { OwnerId } from '@micropay/schemas/identifiers'
import { broughtCommand } from '@micropay/schemas/log/generations'
import { ledgerIn, startOwner, stopOwner, type TestOwner } from '../handle/owner.fixture.ts'
import { buildCommandApp } from './build-app.ts'

const eventLog = openMemoryLog(createMemoryStore())
let owner: TestOwner
let app: Http

async function appOf(owners: readonly TestOwner[]) {
  return buildCommandApp({ ...{ owners, requestHashKey: 'a key', verifyToken, log: createLogger('test', 'silent') } })
}

before(async () => {
  await eventLog.prepare(1)
  owner = startOwner(eventLog)
  app = await appOf([owner])
  await openBook(app)
})
after(() => stopOwner(owner))

async function openBook(of: Http) {
  for (const [accountId, type, owned] of [
    ['ada', 'customer', 'customer:ada'],
    ['shop', 'customer', 'customer:shop'],
    ['cash', 'external', 'house'],
  ]) {
    const account = { accountId, type, owner: owned, currency: 'EUR' }
    assert.equal((await post('/v1/accounts', account, `open-${accountId}`, operator, of)).statusCode, 201)
  }
  await post('/v1/payments', paying('cash', 'ada', '9000'), 'first', operator, of)
}

async function verifyToken(authorization = ''): Promise<Caller> {
  const [subject = '', ...scopes] = authorization.split(' ')
  const who = { subject: OwnerId.parse(subject), client: 'test', tenant: 'main' }
  return { ...who, scopes: new Set(scopes), expiresAt: Number.POSITIVE_INFINITY }
}

const shop = 'customer:shop payments:make'
const operator = 'operator:olga accounts:manage payments:book policies:set'
const paying = (from: string, to: string, amount: string) => ({
  ...{ postings: [{ from, to, amount, currency: 'EUR' }], reference: 'INV-7' },
})
const post = (url: string, payload: object, key?: string, authorization = operator, of = app) => {
  const headers = { authorization, ...(key === undefined ? {} : { 'idempotency-key': key }) }
  return of.inject({ method: 'POST', url, headers, payload })
}
async function pay(amount: string, key: string): Promise<string> {
  const { paymentId } = (await post('/v1/payments', paying('ada', 'shop', amount), key)).json()
  return paymentId
}
const seqNow = async () => (await ledgerIn(eventLog)).state.seq

test('a payment is given back whole: the answer is a payment that names it, and the same again', async () => {
  const url = `/v1/payments/${await pay('1000', 'p1')}/refund`
  const first = await post(url, { reason: 'Ordered twice' }, 'r1')
  assert.equal(first.statusCode, 201, first.body)
  const { reverses, postings, kind, reference, description, paymentId } = first.json()
  assert.deepEqual(
    { reverses, postings, kind, reference, description },
    {
      reverses: { paymentId: url.split('/')[3], whole: true },
      postings: [{ from: 'shop', to: 'ada', amount: '1000', currency: 'EUR' }],
      ...{ kind: 'payment', reference: 'INV-7', description: 'Ordered twice' },
    },
  )
  assert.equal(first.headers.position, paymentId.replace('pay-', '').replace('-', ':'))
  const second = await post(url, { reason: 'Ordered twice' }, 'r1')
  assert.deepEqual([second.headers['idempotent-replayed'], second.body], ['true', first.body])
})

test('who was paid gives a part back, is told what is left, and tries without moving anything', async () => {
  const url = `/v1/payments/${await pay('1000', 'p2')}/refund`
  const before = await seqNow()
  const tried = await post(url, { amount: '300', reason: 'Broken', dryRun: true }, undefined, shop)
  assert.deepEqual([tried.statusCode, tried.json().paymentId, await seqNow()], [200, null, before])
  assert.equal((await post(url, { amount: '300', reason: 'Broken' }, 'r2', shop)).statusCode, 201)
  const more = await post(url, { amount: '701', reason: 'Broken' }, 'r3', shop)
  assert.deepEqual([more.statusCode, more.json().code], [422, 'refund_exceeds_payment'])
  assert.match(more.json().detail, /^7\.00 EUR of pay-0-[0-9]+ is left to go back from shop$/)
  const payer = await post(url, { reason: 'I want it back' }, 'r4', 'customer:ada payments:make')
  assert.deepEqual([payer.statusCode, payer.json().code], [404, 'payment_not_found'])
})

test('what is not well-formed is told before anything is decided', async () => {
  const url = `/v1/payments/${await pay('10', 'p3')}/refund`
  const before = await seqNow()
  const legs = [
    { account: 'shop', amount: '-5', currency: 'EUR' },
    { account: 'ada', amount: '5', currency: 'EUR' },
  ]
  for (const body of [{}, { reason: '' }, { reason: 'x', amount: '0' }, { reason: 'x', amount: '5', legs }]) {
    assert.equal((await post(url, body, 'r5')).statusCode, 400, JSON.stringify(body))
  }
  assert.equal((await post('/v1/payments/7/refund', { reason: 'x' }, 'r5')).statusCode, 400)
  assert.equal((await post(url, { reason: 'x' }, undefined)).json().code, 'idempotency_key_missing')
  assert.equal((await post(url, { reason: 'x' }, 'r5', 'customer:shop accounts:read')).statusCode, 403)
  assert.equal(await seqNow(), before)
})

test('where a refund needs a second person, 202 says where it waits', async () => {
  const paymentId = await pay('10', 'p4')
  assert.equal((await post('/v1/policies', { command: 'RefundPayment', people: 2 }, 'two')).statusCode, 201)
  const waiting = await post(`/v1/payments/${paymentId}/refund`, { reason: 'Broken' }, 'r6')
  assert.deepEqual([waiting.statusCode, waiting.json().command], [202, 'RefundPayment'])
  assert.equal(waiting.headers.location, `/v1/approvals/${waiting.json().proposalId}`)
  await post('/v1/policies', { command: 'RefundPayment', people: 1 }, 'one')
})

test('a ledger that is written in the generation before has no words for it', async (context) => {
  const old = openMemoryLog(createMemoryStore())
  await old.prepare(1)
  const earlier = startOwner(old, { writeGeneration: broughtCommand('RefundPayment') - 1 })
  context.after(() => stopOwner(earlier))
  const of = await appOf([earlier])
  await openBook(of)
  const before = (await ledgerIn(old)).state.seq
  const answer = await post('/v1/payments/pay-0-4/refund', { reason: 'x' }, 'r7', operator, of)
  assert.deepEqual([answer.statusCode, answer.json().code], [409, 'generation_not_raised'])
  assert.equal((await ledgerIn(old)).state.seq, before)
})

test('an id in another spelling than its own is none, of payments, proposals and periods', async () => {
  for (const id of ['pay-0-04', 'pay-00-4']) {
    const answer = await post(`/v1/payments/${id}/refund`, { reason: 'a mistake' }, `refund ${id}`)
    assert.deepEqual([answer.statusCode, answer.json().code], [400, 'invalid_request'], id)
  }
  const periods = `${operator} periods:close approvals:decide`
  for (const [url, body] of [
    ['/v1/approvals/prp-0-01/approve', { hash: 'A'.repeat(43) }],
    ['/v1/approvals/prp-00-1/refuse', { reason: 'x' }],
    ['/v1/periods/prd-0-01/reopen', { reason: 'x' }],
  ] as const) {
    assert.equal((await post(url, body, url, periods)).statusCode, 400, url)
  }
})
