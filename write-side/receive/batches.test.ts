import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import type { Http } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import type { Caller } from '@micropay/schemas/api/token'
import { OwnerId } from '@micropay/schemas/identifiers'
import { ledgerIn, startOwner, stopOwner, type TestOwner } from '../handle/owner.fixture.ts'
import type { PartitionOwner } from '../handle/partition-owner.ts'
import { buildCommandApp } from './build-app.ts'

const eventLog = openMemoryLog(createMemoryStore())
const options = { requestHashKey: 'a key', verifyToken, log: createLogger('test', 'silent') }
let owner: TestOwner
let app: Http

before(async () => {
  await eventLog.prepare(1)
  owner = startOwner(eventLog)
  app = await buildCommandApp({ ...options, owners: [owner] })
  const operator = { authorization: 'operator:olga accounts:manage payments:book' }
  for (const [accountId, type, owned] of [
    ['ada', 'customer', 'customer:ada'],
    ['ben', 'customer', 'customer:ben'],
    ['cash', 'external', 'house'],
  ]) {
    const body = { accountId, type, owner: owned, currency: 'EUR' }
    const answer = await post('/v1/accounts', body, { ...operator, 'idempotency-key': `open-${accountId}` })
    assert.equal(answer.statusCode, 201, answer.body)
  }
  const deposit = { postings: [{ from: 'cash', to: 'ada', amount: '10000', currency: 'EUR' }] }
  const answer = await post('/v1/payments', deposit, { ...operator, 'idempotency-key': 'first' })
  assert.equal(answer.json().kind, 'deposit')
})
after(() => stopOwner(owner))

const good = { from: 'ada', to: 'ben', amount: '100', currency: 'EUR' }

test('a batch gives every payment its own outcome, in order, whatever the others are', async () => {
  const payments = [
    { idempotencyKey: 'b1', postings: [good] },
    { idempotencyKey: 'b2', postings: [{ ...good, amount: '0' }] },
    { idempotencyKey: 'b3', postings: [{ ...good, amount: '900000' }] },
    'not even an object',
    { idempotencyKey: 'b1', postings: [good] },
    { idempotencyKey: 'b4', postings: [good] },
  ]
  const answer = await post('/v1/payments/batch', { payments })
  assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
  assert.equal(answer.statusCode, 200, answer.body)
  const { results } = answer.json()
  assert.deepEqual(
    results.map((result: { status: number; problem?: { code: string } }) => result.problem?.code ?? result.status),
    [201, 'invalid_request', 'insufficient_funds', 'invalid_request', 201, 201],
  )
  assert.deepEqual([results[0].replayed, results[4]], [false, { ...results[0], replayed: true }])
  assert.equal(answer.headers.position, results[5].position)
  const again = await post('/v1/payments/batch', { payments: [payments[0], payments[5]] })
  assert.deepEqual(
    again.json().results.map((result: { status: number; replayed: boolean }) => [result.status, result.replayed]),
    [
      [201, true],
      [201, true],
    ],
  )
})

type Outcome = {
  readonly status: number
  readonly replayed: boolean
  readonly position: string | null
  readonly problem?: { readonly code: string }
}

async function outcomesOf(payments: readonly unknown[], headers = {}, into = app) {
  const authorization = 'operator:olga payments:book'
  const answer = await into.inject({
    ...{ method: 'POST', url: '/v1/payments/batch', headers: { authorization, ...headers }, body: { payments } },
  })
  const results: Outcome[] = answer.json().results
  const said = ({ status, replayed, problem }: Outcome) => `${problem?.code ?? status}${replayed ? ' replayed' : ''}`
  return { results, said: results.map(said), position: answer.headers.position }
}

const twin = (idempotencyKey: string, amount = '1', from = 'cash') => ({
  ...{ idempotencyKey, postings: [{ ...good, from, amount }] },
})

test('a key that a batch holds twice has one outcome, which the later ones are told again', async () => {
  const { results, said, position } = await outcomesOf([
    ...[twin('t1'), twin('t2', '900000', 'ada'), twin('t1'), twin('t1', '2'), twin('t3')],
    ...[twin('t2', '900000', 'ada'), twin('t1')],
  ])
  assert.deepEqual(said, [
    ...['201', 'insufficient_funds', '201 replayed', 'idempotency_key_reused', '201'],
    ...['insufficient_funds replayed', '201 replayed'],
  ])
  assert.deepEqual([results[2]?.position, results[5]?.position], [results[0]?.position, results[1]?.position])
  assert.equal(position, results[4]?.position)
})

test('twins that fall into appends and windows far apart have one outcome, too', async () => {
  const payments = Array.from({ length: 9_000 }, (_, index) => twin(`far-${index % 4_500}`))
  const { said } = await outcomesOf(payments)
  assert.deepEqual([...new Set(said.slice(0, 4_500))], ['201'])
  assert.deepEqual([...new Set(said.slice(4_500))], ['201 replayed'])
  const { positions } = await ledgerIn(eventLog)
  assert.ok(
    Array.from({ length: 4_500 }, (_, index) => positions.get(`far-${index}`)?.length).every((many) => many === 1),
  )
})

test('of two batches with the same keys at once, each key counts once, and sending both again ends', async () => {
  const payments = Array.from({ length: 50 }, (_, index) => twin(`shared-${index % 25}`))
  const both = await Promise.all([outcomesOf(payments), outcomesOf(payments)])
  for (const said of both.flatMap((each) => each.said)) {
    assert.match(said, /^201|^idempotency_key_in_flight$/)
  }
  for (const again of [await outcomesOf(payments), await outcomesOf(payments)]) {
    assert.deepEqual([...new Set(again.said)], ['201 replayed'])
  }
  const { positions } = await ledgerIn(eventLog)
  assert.ok(payments.every(({ idempotencyKey }) => positions.get(idempotencyKey)?.length === 1))
})

test('a twin of what was refused without a trace is refused alike, and another request may have its key', async () => {
  const submitted: string[] = []
  const refusing = (code: 'internal' | 'outcome_unknown'): PartitionOwner => ({
    ...owner,
    submit: async (request) => {
      submitted.push(request.idempotencyKey)
      return submitted.length > 1 ? owner.submit(request) : { kind: 'refused', code, detail: 'not today' }
    },
  })
  const failing = await buildCommandApp({ ...options, owners: [refusing('internal')] })
  const first = await outcomesOf([twin('r1'), twin('r1'), twin('r1', '2'), twin('r1', '2'), twin('r1')], {}, failing)
  assert.deepEqual(first.said, ['internal', 'internal', '201', '201 replayed', 'internal'])
  assert.deepEqual(submitted.splice(0), ['r1', 'r1'])
  const unknown = await buildCommandApp({ ...options, owners: [refusing('outcome_unknown')] })
  const second = await outcomesOf([twin('r2'), twin('r2'), twin('r2', '2')], {}, unknown)
  assert.deepEqual(second.said, ['outcome_unknown', 'outcome_unknown', 'not_owner'])
  assert.deepEqual(submitted, ['r2'])
})

test('10,000 payments fit in a batch, and 10,001 do not', async () => {
  const payments = Array.from({ length: 10_001 }, (_, index) => ({
    idempotencyKey: `m${index}`,
    postings: [{ ...good, from: 'cash' }],
  }))
  const headers = { authorization: 'operator:olga payments:book' }
  assert.equal((await post('/v1/payments/batch', { payments }, headers)).statusCode, 400)
  const { results } = (await post('/v1/payments/batch', { payments: payments.slice(1) }, headers)).json()
  assert.equal(results.filter((result: { status: number }) => result.status === 201).length, 10_000)
})

test('once a payment of a batch is not decided, those behind it are not tried', async () => {
  let tried = 0
  const busy: PartitionOwner = {
    ...owner,
    submit: async (request) => {
      tried += 1
      return tried === 1 ? { kind: 'refused', code: 'overloaded', detail: 'try again' } : owner.submit(request)
    },
  }
  const busyApp = await buildCommandApp({ ...options, owners: [busy] })
  const payments = Array.from({ length: 3_000 }, (_, index) => ({
    idempotencyKey: `n${index}`,
    postings: [{ ...good, from: 'cash' }],
  }))
  const headers = { authorization: 'operator:olga payments:book' }
  const answer = await busyApp.inject({ method: 'POST', url: '/v1/payments/batch', headers, body: { payments } })
  const { results } = answer.json()
  assert.equal(results[0].problem.code, 'overloaded')
  assert.equal(results[2_999].problem.code, 'not_owner')
  assert.ok(tried < 3_000, `${tried} were tried`)
})

async function post(url: string, body: unknown, headers: Record<string, string> = {}) {
  const all = { 'content-type': 'application/json', authorization: 'customer:ada payments:make', ...headers }
  return app.inject({ method: 'POST', url, headers: all, body: JSON.stringify(body) })
}

/** Stands for a verified token: the subject and its scopes, in clear. */
async function verifyToken(authorization = ''): Promise<Caller> {
  const [subject = '', ...scopes] = authorization.split(' ')
  return {
    subject: OwnerId.parse(subject),
    client: 'test',
    tenant: 'main',
    scopes: new Set(scopes),
    expiresAt: Number.POSITIVE_INFINITY,
  }
}
