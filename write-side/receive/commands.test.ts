import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import type { Http } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import { TokenError } from '@micropay/runtime/verify-token'
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
    owners: [owner],
    requestHashKey: 'a key',
    verifyToken,
    log: createLogger('test', 'silent'),
  })
  const operator = { authorization: 'operator:olga accounts:manage payments:book' }
  for (const [accountId, type, owned, currency] of [
    ['ada', 'customer', 'customer:ada', 'EUR'],
    ['ben', 'customer', 'customer:ben', 'EUR'],
    ['usd', 'customer', 'customer:ada', 'USD'],
    ['cash', 'external', 'house', 'EUR'],
  ]) {
    const answer = await post(
      '/v1/accounts',
      { accountId, type, owner: owned, currency },
      { ...operator, 'idempotency-key': `open-${accountId}` },
    )
    assert.equal(answer.statusCode, 201, answer.body)
  }
  const deposit = { postings: [{ from: 'cash', to: 'ada', amount: '10000', currency: 'EUR' }] }
  assert.equal(
    (await post('/v1/payments', deposit, { ...operator, 'idempotency-key': 'first' })).json().kind,
    'deposit',
  )
})
after(() => stopOwner(owner))

const good = { from: 'ada', to: 'ben', amount: '100', currency: 'EUR' }

const bad: readonly [string, unknown, number, string, string?][] = [
  ['an unknown field', { postings: [good], colour: 'red' }, 400, 'invalid_request'],
  ['an unknown field of a posting', { postings: [{ ...good, colour: 'red' }] }, 400, 'invalid_request', '/postings/0'],
  ['no postings', { postings: [] }, 400, 'invalid_request', '/postings'],
  ['101 postings', { postings: Array.from({ length: 101 }, () => good) }, 400, 'invalid_request', '/postings'],
  ['a number as amount', { postings: [{ ...good, amount: 100 }] }, 400, 'invalid_request', '/postings/0/amount'],
  ['a zero amount', { postings: [{ ...good, amount: '0' }] }, 400, 'invalid_request', '/postings/0/amount'],
  ['a negative amount', { postings: [{ ...good, amount: '-5' }] }, 400, 'invalid_request', '/postings/0/amount'],
  ['a fraction', { postings: [{ ...good, amount: '1.50' }] }, 400, 'invalid_request', '/postings/0/amount'],
  [
    'one minor unit above the largest amount',
    { postings: [{ ...good, amount: '1000000000000001' }] },
    400,
    'invalid_request',
    '/postings/0/amount',
  ],
  [
    'an amount of a thousand digits',
    { postings: [{ ...good, amount: '9'.repeat(1000) }] },
    400,
    'invalid_request',
    '/postings/0/amount',
  ],
  ['an unknown currency', { postings: [{ ...good, currency: 'XYZ' }] }, 400, 'invalid_request', '/postings/0/currency'],
  [
    'a currency that is a property of every object',
    { postings: [{ ...good, currency: 'constructor' }] },
    400,
    'invalid_request',
    '/postings/0/currency',
  ],
  [
    'a currency in small letters',
    { postings: [{ ...good, currency: 'eur' }] },
    400,
    'invalid_request',
    '/postings/0/currency',
  ],
  ['a payment to oneself', { postings: [{ ...good, to: 'ada' }] }, 400, 'invalid_request', '/postings/0/to'],
  ['an account id with a space', { postings: [{ ...good, to: 'b e n' }] }, 400, 'invalid_request', '/postings/0/to'],
  ...['0000-01-01T00:00:00Z', '0000-01-01T00:00:00+14:00', '1899-12-31T23:59:59Z', '9999-12-31T23:59:59-14:00'].map(
    (effectiveAt): (typeof bad)[number] => [
      `the value date ${effectiveAt}`,
      { postings: [good], effectiveAt },
      400,
      'invalid_request',
      '/effectiveAt',
    ],
  ),
  ...['\u0000', '\ud800', 'a\udc00b', '\u0085'].flatMap((text): (typeof bad)[number][] => [
    [
      `${JSON.stringify(text)} as a reference`,
      { postings: [good], reference: text },
      400,
      'invalid_request',
      '/reference',
    ],
    [
      `${JSON.stringify(text)} in metadata`,
      { postings: [good], metadata: { a: text } },
      400,
      'invalid_request',
      '/metadata/a',
    ],
  ]),
  [
    'a date that does not exist',
    { postings: [good], effectiveAt: '2026-02-30T00:00:00Z' },
    400,
    'invalid_request',
    '/effectiveAt',
  ],
  ['a control character in a text', { postings: [good], reference: 'a\u0000b' }, 400, 'invalid_request', '/reference'],
  [
    'metadata with too many entries',
    { postings: [good], metadata: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`k${n}`, ''])) },
    400,
    'invalid_request',
    '/metadata',
  ],
  ['an array as body', [], 400, 'invalid_request'],
  ['null as body', null, 400, 'invalid_request'],
  ['an unknown payee', { postings: [{ ...good, to: 'nobody' }] }, 422, 'payee_not_payable', '/postings/0/to'],
  [
    "somebody else's account",
    { postings: [{ ...good, from: 'ben', to: 'ada' }] },
    404,
    'account_not_found',
    '/postings/0/from',
  ],
  [
    'another currency than the account holds',
    { postings: [{ ...good, to: 'usd' }] },
    422,
    'currency_mismatch',
    '/postings/0/currency',
  ],
  ['more than there is', { postings: [{ ...good, amount: '10001' }] }, 422, 'insufficient_funds', '/postings/0/amount'],
]
for (const [title, body, status, code, pointer] of bad) {
  test(`${title} is a ${status} ${code}${pointer ? ` that points to ${pointer}` : ''}`, async () => {
    const answer = await post('/v1/payments', body, { 'idempotency-key': `bad ${title}`.replaceAll(/[^a-z]/g, '-') })
    assert.equal(answer.statusCode, status, answer.body)
    const problem = answer.json()
    assert.equal(problem.code, code)
    assert.ok(problem.detail.length > 10)
    if (pointer)
      assert.ok(
        problem.errors.some((error: { pointer: string }) => error.pointer === pointer),
        answer.body,
      )
  })
}

test('a payment answers 201 with its position, and a replay says that it is one', async () => {
  const headers = { 'idempotency-key': '"quoted-key"' }
  const first = await post('/v1/payments', { postings: [good], reference: 'rent' }, headers)
  assert.equal(first.statusCode, 201, first.body)
  assert.match(String(first.headers.position), /^0:[0-9]+$/)
  assert.equal(first.headers['content-type'], 'application/json; charset=utf-8')
  assert.equal(first.json().paymentId, `pay-${String(first.headers.position).replace(':', '-')}`)
  const again = await post('/v1/payments', { reference: 'rent', postings: [good] }, { 'idempotency-key': 'quoted-key' })
  assert.equal(again.body, first.body)
  assert.equal(again.headers['idempotent-replayed'], 'true')
  assert.equal(again.headers.position, first.headers.position)
  const other = await post('/v1/payments', { postings: [{ ...good, amount: '101' }], reference: 'rent' }, headers)
  assert.equal(other.json().code, 'idempotency_key_reused')
})

test('a refused payment has a position, and the same key gets the same refusal', async () => {
  const body = { postings: [{ ...good, amount: '999999' }] }
  const [first, again] = [
    await post('/v1/payments', body, { 'idempotency-key': 'r1' }),
    await post('/v1/payments', body, { 'idempotency-key': 'r1' }),
  ]
  assert.equal(first.json().position, first.headers.position)
  assert.deepEqual(again.json(), first.json())
  assert.equal(again.headers['idempotent-replayed'], 'true')
})

test('no key, an impossible key, no token, a token without the scope', async () => {
  assert.equal((await post('/v1/payments', { postings: [good] })).json().code, 'idempotency_key_missing')
  assert.equal(
    (await post('/v1/payments', { postings: [good] }, { 'idempotency-key': 'a b' })).json().code,
    'invalid_request',
  )
  const headers = { 'idempotency-key': 'k' }
  assert.equal((await post('/v1/payments', { postings: [good] }, { ...headers, authorization: '' })).statusCode, 401)
  assert.equal((await post('/v1/accounts', { type: 'customer', currency: 'EUR', owner: 'x' }, headers)).statusCode, 403)
})

test('a dry run answers 200 without a position or a key', async () => {
  const before = (await ledgerIn(eventLog)).state.seq
  const answer = await post('/v1/payments', { postings: [good], dryRun: true })
  assert.equal(answer.statusCode, 200, answer.body)
  assert.equal(answer.headers.position, undefined)
  assert.equal(answer.json().paymentId, null)
  assert.equal((await ledgerIn(eventLog)).state.seq, before)
})

test('an account without an id gets the same one for the same key', async () => {
  const headers = { authorization: 'operator:olga accounts:manage', 'idempotency-key': 'no-id' }
  const body = { type: 'internal', currency: 'JPY', owner: 'house' }
  const [first, again] = [await post('/v1/accounts', body, headers), await post('/v1/accounts', body, headers)]
  assert.equal(first.statusCode, 201, first.body)
  assert.match(first.json().accountId, /^acc-/)
  assert.equal(again.body, first.body)
})

test('an account is neither named nor changed with what no store can hold', async () => {
  const headers = { authorization: 'operator:olga accounts:manage', 'idempotency-key': 'broken-text' }
  for (const text of ['a\u0000b', 'a\ud800']) {
    const account = { type: 'customer', currency: 'EUR', owner: 'customer:ada', name: text }
    const opened = await post('/v1/accounts', account, headers)
    assert.deepEqual([opened.statusCode, opened.json().errors[0].pointer], [400, '/name'])
    const frozen = await post('/v1/accounts/ada/freeze', { reason: text }, headers)
    assert.deepEqual([frozen.statusCode, frozen.json().errors[0].pointer], [400, '/reason'])
  }
})

test('freezing stops payments, unfreezing lets them go on, closing needs an empty account', async () => {
  const change = (verb: string) =>
    post(
      `/v1/accounts/ben/${verb}`,
      { reason: 'a check' },
      { authorization: 'operator:olga accounts:manage', 'idempotency-key': `ben-${verb}` },
    )
  assert.equal((await change('freeze')).json().status, 'frozen')
  assert.equal(
    (await post('/v1/payments', { postings: [good] }, { 'idempotency-key': 'while-frozen' })).json().code,
    'payee_not_payable',
  )
  assert.equal((await change('unfreeze')).json().status, 'open')
  assert.equal((await change('close')).json().code, 'account_not_empty')
})

async function post(url: string, body: unknown, headers: Record<string, string> = {}) {
  const all = { 'content-type': 'application/json', authorization: 'customer:ada payments:make', ...headers }
  return app.inject({ method: 'POST', url, headers: all, body: JSON.stringify(body) })
}

/** Stands for a verified token: the subject and its scopes, in clear. */
async function verifyToken(authorization: string | undefined): Promise<Caller> {
  if (!authorization) throw new TokenError('send a token')
  const [subject = '', ...scopes] = authorization.split(' ')
  return {
    subject: OwnerId.parse(subject),
    client: 'test',
    tenant: 'main',
    scopes: new Set(scopes),
    expiresAt: Number.POSITIVE_INFINITY,
  }
}
