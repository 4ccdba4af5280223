import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { systemClock } from '@micropay/runtime/clock'
import type { Http } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import { usualStepUp } from '@micropay/runtime/step-up'
import { type PaymentDetail, paymentDetailsIn } from '@micropay/schemas/api/confirmation'
import { Problem } from '@micropay/schemas/api/problem'
import type { Caller } from '@micropay/schemas/api/token'
import { OwnerId } from '@micropay/schemas/identifiers'
import { CONFIRMATION_GENERATION } from '@micropay/schemas/log/generations'
import { z } from 'zod'
import { startOwner, stopOwner, type TestOwner } from '../handle/owner.fixture.ts'
import { verifyPartition } from '../verify/verify-partition.ts'
import { buildCommandApp } from './build-app.ts'

/** What a test's token says, as its text: the services read it from a signed one. */
const Token = z.object({
  subject: z.string().default('customer:ada'),
  client: z.string().default('gateway'),
  scopes: z.string().default('payments:make'),
  acr: z.string().default(usualStepUp.acrValues[0] ?? ''),
  agoSeconds: z.number().default(0),
  leftSeconds: z.number().default(900),
  details: z.array(z.unknown()).optional(),
})
type Token = z.input<typeof Token>

async function verifyToken(authorization = '{}'): Promise<Caller> {
  const { subject, client, scopes, acr, agoSeconds, leftSeconds, details } = Token.parse(JSON.parse(authorization))
  return {
    ...{ subject: OwnerId.parse(subject), client, tenant: 'main', scopes: new Set(scopes.split(' ')) },
    expiresAt: Date.now() + leftSeconds * 1000,
    ...(details ? { authentication: { acr, atMs: Date.now() - agoSeconds * 1000 } } : {}),
    ...(details ? { confirmed: paymentDetailsIn(details) } : {}),
  }
}

const staff: Token = { subject: 'operator:olga', scopes: 'accounts:manage payments:book policies:set' }
const rule = { command: 'ConfirmPayment', people: 1, above: { amount: '100000', currency: 'EUR' } }
const detail = (identifier: string, more: Partial<PaymentDetail> = {}): PaymentDetail => {
  return { type: 'micropay_payment', identifier, payee: 'ben', amount: '6000.00', currency: 'EUR', ...more }
}
const posting = (amount = '600000', to = 'ben', from = 'ada', currency = 'EUR') => ({ from, to, amount, currency })
const payment = (...given: Parameters<typeof posting>) => ({ postings: [posting(...given)] })

describe('a payment of one’s own above the amount of the policy', () => {
  let owner: TestOwner
  let app: Http
  const eventLog = openMemoryLog(createMemoryStore())
  const post = (url: string, payload: object, key: string, token: Token = {}) =>
    app.inject({
      ...{ method: 'POST', url, payload },
      headers: { authorization: JSON.stringify(token), ...(key === '' ? {} : { 'idempotency-key': key }) },
    })
  const pay = (payload: object, key: string, token?: Token) => post('/v1/payments', payload, key, token)
  const refusal = (answer: { statusCode: number; json(): unknown }) => {
    const problem = Problem.parse(answer.json())
    assert.deepEqual([answer.statusCode, problem.code, problem.outcome], [401, 'payment_not_confirmed', 'none'])
    return problem
  }

  before(async () => {
    await eventLog.prepare(1)
    owner = startOwner(eventLog, {})
    app = await buildCommandApp({
      ...{ owners: [owner], requestHashKey: 'a key', verifyToken, log: createLogger('test', 'silent') },
    })
    for (const [accountId, who, currency] of [
      ['ada', 'ada', 'EUR'],
      ['ada-usd', 'ada', 'USD'],
      ['ben', 'ben', 'EUR'],
      ['ben-usd', 'ben', 'USD'],
      ['eve', 'eve', 'EUR'],
    ]) {
      const account = { accountId, type: 'customer', owner: `customer:${who}`, currency, overdraftLimit: '100000000' }
      assert.equal((await post('/v1/accounts', account, `open-${accountId}`, staff)).statusCode, 201)
    }
    assert.equal((await pay(payment(), 'no-rule')).statusCode, 201)
    const set = await post('/v1/policies', rule, 'rule', staff)
    assert.equal(set.statusCode, 201, set.body)
  })
  after(() => stopOwner(owner))

  test('is refused with what to confirm, and goes through by the same key once that is done', async () => {
    const refused = await pay(payment(), 'van')
    const { authorizationDetails, detail: said } = refusal(refused)
    assert.deepEqual(authorizationDetails, [detail('van')])
    assert.match(said, /^confirm 6000\.00 EUR to ben, at the issuer/)
    assert.equal(
      refused.headers['www-authenticate'],
      'Bearer error="insufficient_user_authentication", acr_values="urn:openbanking:psd2:sca", max_age="300"',
    )
    const confirmed = { details: authorizationDetails ?? [] }
    const paid = await pay(payment(), 'van', confirmed)
    assert.equal(paid.statusCode, 201, paid.body)
    for (const token of [confirmed, {}]) {
      const again = await pay(payment(), 'van', token)
      assert.deepEqual([again.statusCode, again.headers['idempotent-replayed']], [201, 'true'])
      assert.equal(again.json().paymentId, paid.json().paymentId)
    }
  })

  test('needs nothing at the amount itself, and something for one minor unit more', async () => {
    assert.equal((await pay(payment('100000'), 'at')).statusCode, 201)
    assert.equal(refusal(await pay(payment('100001'), 'past')).authorizationDetails?.[0]?.amount, '1000.01')
  })

  for (const [title, token, payload] of [
    ['of another payment', { details: [detail('other')] }, payment()],
    ['of another payee', { details: [detail('KEY', { payee: 'eve' })] }, payment()],
    ['of a smaller amount', { details: [detail('KEY', { amount: '5999.99' })] }, payment()],
    ['of a larger amount', { details: [detail('KEY', { amount: '6000.01' })] }, payment()],
    ['of an amount in minor units', { details: [detail('KEY', { amount: '600000' })] }, payment()],
    ['of another currency', { details: [detail('KEY', { currency: 'USD' })] }, payment()],
    [
      'in EUR of a payment in USD',
      { details: [detail('KEY', { payee: 'ben-usd' })] },
      payment('600000', 'ben-usd', 'ada-usd', 'USD'),
    ],
    ['of another payee beside the one', { details: [detail('KEY'), detail('KEY', { payee: 'eve' })] }, payment()],
    ['of one payee of two', { details: [detail('KEY')] }, { postings: [posting(), posting('1', 'eve')] }],
    [
      'of all that one of two gets',
      { details: [detail('KEY', { amount: '6000.01' })] },
      { postings: [posting(), posting('1', 'eve')] },
    ],
    ['of a kind that is not ours', { details: [{ ...detail('KEY'), type: 'payment_initiation' }] }, payment()],
    ['that cannot be read', { details: [{ ...detail('KEY'), amount: 6000 }] }, payment()],
    [
      'whose payee is a sentence',
      { details: [{ ...detail('KEY'), payee: 'ben and 0.01 EUR to eve' }] },
      { postings: [posting(), posting('1', 'eve')] },
    ],
    ['by a weaker authentication', { details: [detail('KEY')], acr: '1' }, payment()],
    ['by several names of one', { details: [detail('KEY')], acr: `1 ${usualStepUp.acrValues[0]}` }, payment()],
    ['301 s ago', { details: [detail('KEY')], agoSeconds: 301 }, payment()],
    ['by nobody', { details: [] }, payment()],
  ] as const satisfies [string, Token, object][]) {
    test(`is refused with a confirmation ${title}, and its key stays free`, async () => {
      const key = title.replaceAll(' ', '-')
      const named = JSON.parse(JSON.stringify(token).replaceAll('"KEY"', `"${key}"`))
      const wanted = refusal(await pay(payload, key, named)).authorizationDetails ?? []
      const paid = await pay(payload, key, { details: wanted })
      assert.equal(paid.statusCode, 201, paid.body)
    })
  }

  test('is refused to another person, and another client, with what was confirmed for their own', async () => {
    const details = [detail('mine')]
    assert.equal((await pay(payment(), 'mine', { details })).statusCode, 201)
    // The key of another person is another one, and so is the payment: they confirm it by a token of theirs.
    const eve = { subject: 'customer:eve' }
    assert.equal((await pay(payment('600000', 'ben', 'eve'), 'mine', { ...eve, details })).statusCode, 201)
    assert.equal(
      (await pay(payment('600000', 'ben', 'ada'), 'theirs', { ...eve, details: [detail('theirs')] })).statusCode,
      404,
    )
    refusal(await pay(payment(), 'mine', { client: 'other' }))
  })

  test('is not made twice by one confirmation, whatever is changed of it', async () => {
    const confirmed = { details: [detail('once')] }
    assert.equal((await pay(payment(), 'once', confirmed)).statusCode, 201)
    refusal(await pay(payment(), 'twice', confirmed))
    const changed = await pay(payment('600000', 'eve'), 'once', confirmed)
    assert.deepEqual([changed.statusCode, changed.json().code], [422, 'idempotency_key_reused'])
  })

  test('counts what comes to one account together, and each of several', async () => {
    const two = { postings: [posting('60000'), posting('60000'), posting('1', 'eve')] }
    const wanted = refusal(await pay(two, 'parts')).authorizationDetails ?? []
    assert.deepEqual(wanted, [
      detail('parts', { amount: '1200.00' }),
      detail('parts', { payee: 'eve', amount: '0.01' }),
    ])
    assert.equal((await pay(two, 'parts', { details: wanted.toReversed() })).statusCode, 201)
  })

  test('in any other currency needs it from the first minor unit on', async () => {
    const usd = payment('1', 'ben-usd', 'ada-usd', 'USD')
    assert.deepEqual(refusal(await pay(usd, 'cent')).authorizationDetails, [
      detail('cent', { payee: 'ben-usd', amount: '0.01', currency: 'USD' }),
    ])
  })

  test('is told of by its item of a batch, and the others go through', async () => {
    const payments = [
      { idempotencyKey: 'b-1', ...payment() },
      { idempotencyKey: 'b-2', ...payment('500') },
      { idempotencyKey: 'b-3', ...payment() },
      { idempotencyKey: 'b-3', ...payment() },
    ]
    const batch = async (token: Token) => {
      const answer = await post('/v1/payments/batch', { payments }, '', token)
      const Results = z.object({ results: z.array(z.object({ status: z.int(), problem: Problem.optional() })) })
      return Results.parse(answer.json()).results
    }
    const first = await batch({ details: [detail('b-3')] })
    assert.deepEqual(
      first.map(({ status }) => status),
      [401, 201, 201, 201],
    )
    assert.deepEqual(first[0]?.problem?.authorizationDetails, [detail('b-1')])
    const second = await batch({ details: [detail('b-1')] })
    assert.deepEqual(
      second.map(({ status }) => status),
      [201, 201, 201, 201],
    )
  })

  test('a refund needs it as well, with what it gives back to whom', async () => {
    const got = await pay(payment('600000', 'ada', 'ben'), 'gift', { ...staff })
    assert.equal(got.statusCode, 201, got.body)
    const url = `/v1/payments/${got.json().paymentId}/refund`
    const asked = { reason: 'not mine' }
    const wanted = refusal(await post(url, asked, 'back')).authorizationDetails ?? []
    assert.deepEqual(wanted, [detail('back')])
    assert.match(
      String((await post(url, asked, 'back')).headers['www-authenticate']),
      /^Bearer error="insufficient_user/,
    )
    assert.equal((await post(url, asked, 'back', { details: wanted })).statusCode, 201)
  })

  test('asks nothing of staff, nor in a dry run', async () => {
    assert.equal((await pay(payment(), 'booked', staff)).statusCode, 201)
    assert.equal((await pay({ ...payment(), dryRun: true }, '')).statusCode, 200)
  })

  test('is refused for good for what else speaks against it, before anybody is asked to confirm', async () => {
    assert.equal((await pay(payment('600000000'), 'too-much')).json().code, 'insufficient_funds')
  })

  test('waits for a second person, too, where that is asked for: the payer has confirmed it by then', async () => {
    const two = { command: 'MakePayment', people: 2, above: { amount: '200000', currency: 'EUR' } }
    assert.equal((await post('/v1/policies', two, 'two', staff)).statusCode, 201)
    refusal(await pay(payment(), 'both'))
    const proposed = await pay(payment(), 'both', { details: [detail('both')] })
    assert.equal(proposed.statusCode, 202, proposed.body)
    const { proposalId, hash } = proposed.json()
    const otto = { subject: 'operator:otto', scopes: 'approvals:decide' }
    assert.equal((await post(`/v1/approvals/${proposalId}/approve`, { hash }, 'yes', otto)).statusCode, 201)
    assert.equal((await post('/v1/policies', { command: 'MakePayment', people: 1 }, 'one', staff)).statusCode, 201)
  })

  test('the log is verified without the tokens', async () => {
    const options = { clock: systemClock, signal: AbortSignal.timeout(20_000) }
    const { verification } = await verifyPartition(eventLog, 0, options)
    assert.deepEqual([verification.sound, verification.faults], [true, []])
  })

  test('needs nothing any more once the rule has no amount', async () => {
    const { above: _, ...off } = rule
    assert.equal((await post('/v1/policies', off, 'off', staff)).statusCode, 201)
    assert.equal((await pay(payment(), 'after')).statusCode, 201)
  })
})

test('before the generation that has the rule, nobody can set it', async () => {
  const eventLog = openMemoryLog(createMemoryStore())
  await eventLog.prepare(1)
  const owner = startOwner(eventLog, { writeGeneration: CONFIRMATION_GENERATION - 1 })
  const log = createLogger('test', 'silent')
  const app = await buildCommandApp({ owners: [owner], requestHashKey: 'a key', verifyToken, log })
  const headers = { authorization: JSON.stringify(staff), 'idempotency-key': 'rule' }
  const set = (payload: object) => app.inject({ method: 'POST', url: '/v1/policies', payload, headers })
  const answer = await set(rule)
  assert.deepEqual([answer.statusCode, answer.json().code], [409, 'generation_not_raised'])
  for (const [payload, pointer] of [
    [{ ...rule, people: 2 }, '/people'],
    [{ ...rule, command: 'ReopenPeriod' }, '/above'],
  ] as const) {
    const wrong = await set(payload)
    assert.deepEqual([wrong.statusCode, wrong.json().errors[0].pointer], [400, pointer])
  }
  await stopOwner(owner)
})
