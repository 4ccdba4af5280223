import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { VerifyToken } from '@micropay/runtime/verify-token'
import { anyName, problemCode, type Settings, startGateway } from '../gateway-under-test.ts'

const as = (caller: string, more: Record<string, string> = {}) => ({
  headers: { ...more, authorization: `Bearer ${caller}` },
})

async function limited(settings: Settings) {
  let looks = 0
  const verifyToken: VerifyToken = (authorization) => {
    looks += 1
    return anyName(authorization)
  }
  const gateway = await startGateway({ verifyToken, ...settings }, (service) => {
    service.removeAllContentTypeParsers()
    service.addContentTypeParser('*', { parseAs: 'string', bodyLimit: 2 ** 24 }, (_request, body, done) =>
      done(null, body),
    )
    service.post('/v1/payments/batch', async (request, reply) => {
      const { payments } = JSON.parse(String(request.body)) as { payments: unknown[] }
      return reply.header('micropay-batch-items', payments.length).send({})
    })
  })
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(`${gateway.url}${path}`, init)
    const code = answer.status === 200 ? '' : ` ${await problemCode(answer.clone())}`
    return { told: `${answer.status}${code}`, answer, retryAfter: Number(answer.headers.get('retry-after')) }
  }
  const post = (path: string, caller: string, body: unknown) =>
    ask(path, { ...as(caller, { 'content-type': 'application/json' }), method: 'POST', body: JSON.stringify(body) })
  return { ask, post, looks: () => looks, [Symbol.asyncDispose]: () => gateway.close() }
}

describe('how often one caller may ask', { timeout: 60_000 }, () => {
  test('whoever is over the limit is told when to come back, and others are not held up', async () => {
    await using gateway = await limited({ rateLimitPerSecond: 2 })
    const first = await gateway.ask('/v1/accounts', as('ada'))
    assert.equal(first.answer.headers.get('ratelimit-policy'), '"default";q=2;w=1')
    assert.equal(first.answer.headers.get('ratelimit'), '"default";r=1;t=1')
    const all = await Promise.all(Array.from({ length: 20 }, () => gateway.ask('/v1/accounts', as('ada'))))
    const refused = all.filter(({ told }) => told === '429 rate_limited')
    assert.ok(refused.length > 0)
    assert.ok(refused.every(({ retryAfter }) => retryAfter === 1))
    assert.equal((await gateway.ask('/v1/accounts', as('ben'))).told, '200')
  })

  test('a batch costs its payments: who has sent one waits as long as single ones would have taken', async () => {
    await using gateway = await limited({ rateLimitPerSecond: 5 })
    const payments = Array.from({ length: 1_000 }, () => ({}))
    const sent = await gateway.post('/v1/payments/batch', 'customer-of-ours', { payments })
    assert.equal(sent.told, '200')
    assert.equal(sent.answer.headers.get('micropay-batch-items'), null)
    const next = await gateway.post('/v1/payments/batch', 'customer-of-ours', { payments })
    assert.equal(next.told, '429 rate_limited')
    assert.ok(next.retryAfter > 10, `it may come back after ${next.retryAfter} s`)
    assert.equal((await gateway.post('/v1/payments/batch', 'another', { payments })).told, '200')
  })

  test('a body that is no batch costs its size', async () => {
    await using gateway = await limited({ rateLimitPerSecond: 5 })
    await gateway.post('/v1/payments/batch', 'ada', { payments: [' '.repeat(1024 * 1024)] })
    const next = await gateway.ask('/v1/accounts', as('ada'))
    assert.ok(next.retryAfter > 10, `it may come back after ${next.retryAfter} s`)
  })

  test('what only asks what would happen has a limit of its own, however it is written', async () => {
    await using gateway = await limited({ rateLimitPerSecond: 1_000 })
    const bodies = ['{"dryRun":true}', '{"\\u0064ryRun" : true}']
    const all = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        gateway.ask('/v1/payments', { ...as('ada'), method: 'POST', body: bodies[index % 2] ?? '' }),
      ),
    )
    assert.ok(all.filter(({ told }) => told === '429 rate_limited').length > 0)
    assert.equal((await gateway.post('/v1/payments', 'ada', { dryRun: false, reference: 'dryRun' })).told, '200')
  })

  test('who may not do it is counted as well', async () => {
    const nothing: VerifyToken = async (authorization) => ({ ...(await anyName(authorization)), scopes: new Set() })
    await using gateway = await limited({ rateLimitPerSecond: 2, verifyToken: nothing })
    const all = await Promise.all(Array.from({ length: 20 }, () => gateway.ask('/v1/accounts', as('ada'))))
    assert.ok(all.filter(({ told }) => told === '429 rate_limited').length > 0)
    assert.ok(all.some(({ told }) => told === '403 forbidden'))
  })
})

describe('how often one address may ask before anybody knows who it is', { timeout: 60_000 }, () => {
  test('bad tokens are not looked at for a moment after many of them, and good ones that were seen are', async () => {
    await using gateway = await limited({ addressLimitPerSecond: 3 })
    assert.equal((await gateway.ask('/v1/accounts', as('ada'))).told, '200')
    const before = gateway.looks()
    const told: string[] = []
    for (let times = 0; times < 40; times += 1) told.push((await gateway.ask('/v1/accounts', as('No one'))).told)
    const refused = told.filter((each) => each === '429 rate_limited').length
    assert.ok(refused > 0)
    assert.equal(gateway.looks() - before, told.length - refused)
    for (let times = 0; times < 5; times += 1) {
      await gateway.ask('/v1/accounts', as('No one'))
      assert.equal((await gateway.ask('/v1/accounts', as('ada'))).told, '200')
    }
  })

  for (const path of ['/session', '/session/login', '/openapi.json', '/health/ready']) {
    test(`${path} has an end`, async () => {
      await using gateway = await limited({ addressLimitPerSecond: 3 })
      const all = await Promise.all(
        Array.from({ length: 30 }, () => gateway.ask(path, { redirect: 'manual' }).catch(() => undefined)),
      )
      assert.ok(all.filter((each) => each?.told === '429 rate_limited').length > 0)
    })
  }

  test('behind a proxy that is trusted each network counts for itself, and else nobody says their own', async () => {
    const oneNetwork = (index: number) => `2001:db8:1:2::${index}`
    const manyNetworks = (index: number) => `2001:db8:1:${index}::1`
    for (const [trustedProxies, from, isRefused] of [
      [['127.0.0.1'], oneNetwork, true],
      [['127.0.0.1'], manyNetworks, false],
      [undefined, manyNetworks, true],
    ] as const) {
      await using gateway = await limited({ addressLimitPerSecond: 3, ...(trustedProxies ? { trustedProxies } : {}) })
      const all = await Promise.all(
        Array.from({ length: 30 }, (_, index) =>
          gateway.ask('/health/ready', { headers: { 'x-forwarded-for': from(index) } }),
        ),
      )
      assert.equal(
        all.some(({ told }) => told === '429 rate_limited'),
        isRefused,
      )
    }
  })
})
