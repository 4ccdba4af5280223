import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { bearer, type GatewayUnderTest, problemCode, startGateway, tokenOf } from '../gateway-under-test.ts'

describe('who may call what', () => {
  let gateway: GatewayUnderTest
  let stranger: GatewayUnderTest
  let shiftMs = 0
  before(async () => {
    gateway = await startGateway({ clock: { ...systemClock, nowMs: () => Date.now() + shiftMs } })
    stranger = await startGateway()
  })
  after(async () => {
    await gateway.close()
    await stranger.close()
  })
  const call = (path: string, init: RequestInit = {}) => fetch(`${gateway.url}${path}`, init)

  test('a route is open to a token with one of its scopes', async () => {
    const ada = await bearer(gateway.issuer.url, 'ada')
    const answer = await call('/v1/accounts/ada:main/entries?limit=2', { headers: ada })
    assert.equal(answer.status, 200)
    assert.equal(answer.headers.get('position'), '0:7')
    assert.equal(gateway.seen.at(-1)?.url, '/v1/accounts/ada:main/entries?limit=2')
  })

  for (const [persona, method, path] of [
    ['ada', 'POST', '/v1/accounts'],
    ['ada', 'GET', '/v1/projections'],
    ['fiona', 'POST', '/v1/payments'],
    ['vera', 'POST', '/v1/projections/accounts/rebuild'],
    ['sam', 'GET', '/v1/accounts'],
    ['olga', 'POST', '/v1/projections/accounts/rebuild'],
  ] as const) {
    test(`${persona} may not ${method} ${path}, and the service does not hear of it`, async () => {
      const before = gateway.seen.length
      const answer = await call(path, { method, headers: await bearer(gateway.issuer.url, persona) })
      assert.equal(answer.status, 403)
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer error="insufficient_scope", scope="[a-z:]+"$/)
      assert.equal(await problemCode(answer), 'forbidden')
      assert.equal(gateway.seen.length, before)
    })
  }

  test('a path that no one can decode is a problem, like everything else that is wrong', async () => {
    const answer = await call('/v1/accounts/%zz')
    assert.equal(answer.status, 400)
    assert.equal(await problemCode(answer), 'invalid_request')
  })

  test('bad tokens are refused with 401', async () => {
    const good = await tokenOf(gateway.issuer.url, 'ada')
    const refused = [
      [undefined, 'Bearer, DPoP algs="ES256 PS256 EdDSA Ed25519"'],
      ['Basic YWRhOmRldmVsb3BtZW50', 'Bearer, DPoP algs="ES256 PS256 EdDSA Ed25519"'],
      [`Bearer ${good.slice(0, -6)}AAAAAA`, 'Bearer error="invalid_token"'],
      [`Bearer ${await tokenOf(stranger.issuer.url, 'ada')}`, 'Bearer error="invalid_token"'],
    ] as const
    for (const [authorization, challenge] of refused) {
      const answer = await call('/v1/accounts', authorization === undefined ? {} : { headers: { authorization } })
      assert.equal(answer.status, 401, String(authorization))
      assert.equal(answer.headers.get('www-authenticate'), challenge)
      assert.equal(await problemCode(answer), 'unauthenticated')
    }
  })

  test('a token that was good is refused once it has expired', async () => {
    const headers = await bearer(gateway.issuer.url, 'ada')
    assert.equal((await call('/v1/accounts', { headers })).status, 200)
    shiftMs = 16 * 60 * 1000
    const late = await call('/v1/accounts', { headers })
    shiftMs = 0
    assert.equal(late.status, 401)
  })

  test('a path that is not offered is 404, and another method is 405 with those that are', async () => {
    assert.equal(await problemCode(await call('/v1/nothing')), 'not_found')
    const answer = await call('/v1/accounts', { method: 'DELETE' })
    assert.equal(answer.headers.get('allow'), 'POST, GET')
    assert.equal(await problemCode(answer), 'method_not_allowed')
    assert.equal((await call('/v1/payments/batch')).headers.get('allow'), 'POST')
    const before = gateway.seen.length
    const headers = await bearer(gateway.issuer.url, 'ada')
    for (const path of ['/v1/payments.csv', '/v1/accounts/ada:main', '/v1/account-events']) {
      const head = await call(path, { method: 'HEAD', headers })
      assert.equal(head.status, 405, path)
      assert.equal(head.headers.get('allow'), 'GET', path)
    }
    assert.equal(gateway.seen.length, before, 'the service does not hear of it')
    for (const [path, offered] of [
      ['/session', 'GET'],
      ['/session/login', 'GET'],
      ['/session/callback', 'GET'],
      ['/session/signed-out', 'GET'],
      ['/session/logout', 'POST'],
      ['/session/backchannel-logout', 'POST'],
      ['/openapi.json', 'GET'],
    ] as const) {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'HEAD'].filter((other) => other !== offered)) {
        const other = await call(path, { method })
        assert.deepEqual([other.status, other.headers.get('allow')], [405, offered], `${method} ${path}`)
      }
    }
    for (const method of ['PROPFIND', 'PURGE', 'QUERY', 'OPTIONS', 'PATCH']) {
      const other = await call('/v1/payments', { method })
      assert.equal(other.headers.get('allow'), 'POST, GET', method)
      assert.equal(await problemCode(other), 'method_not_allowed', method)
    }
  })
})
