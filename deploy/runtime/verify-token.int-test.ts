import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { badTokens } from './bad-tokens.fixture.ts'
import { systemClock } from './clock.ts'
import { IssuerUnavailableError } from './issuer-keys.ts'
import { nowSeconds, startTestIssuer, type TestIssuer } from './test-issuer.fixture.ts'
import { createTokenVerifier, TokenError } from './verify-token.ts'

describe('a token is checked against the keys of the discovered issuer', () => {
  let issuer: TestIssuer
  before(async () => {
    issuer = await startTestIssuer()
  })
  after(() => issuer.close())
  const verifier = (named = issuer.url, clock = systemClock) =>
    createTokenVerifier({ issuer: named, audience: 'micropay', clock })

  test('a good token is a caller, and discovery happens once', async () => {
    const verify = verifier()
    const before = issuer.asked.length
    const other = await issuer.sign({ claims: { jti: 'two' } })
    const [caller] = await Promise.all([verify(`Bearer ${await issuer.sign()}`), verify(`bearer ${other}`)])
    assert.equal(caller.subject, 'customer:ada')
    assert.deepEqual([...caller.scopes], ['accounts:read', 'payments:make'])
    assert.deepEqual(issuer.asked.slice(before), ['/.well-known/openid-configuration', '/some/keys'])
  })

  const later = (seconds: number) => nowSeconds() + seconds
  for (const [title, make] of [
    ['of the type in full', () => ({ header: { typ: 'application/at+jwt' } })],
    ['of the type in other letters', () => ({ header: { typ: 'AT+JWT' } })],
    ['signed by PS256', () => ({ header: { alg: 'PS256' } })],
    ['signed by EdDSA', () => ({ header: { alg: 'EdDSA' } })],
    ['for several, and us among them', () => ({ claims: { aud: ['other', 'micropay'] } })],
    ['issued 5 s ahead of our clock', () => ({ claims: { iat: later(5), nbf: later(5) } })],
    ['for a day', () => ({ claims: { exp: later(86_400) } })],
    ['with times in fractions of a second', () => ({ claims: { iat: later(-1) + 0.5 } })],
    ['with claims that nobody asked for', () => ({ claims: { roles: ['x'], auth_time: 1 } })],
  ] as const) {
    test(`a token ${title} is taken`, async () => {
      assert.equal((await verifier()(`Bearer ${await issuer.sign(make())}`)).client, 'cli')
    })
  }

  test('RS256 is taken where the settings name it, and then no other', async () => {
    const verify = createTokenVerifier({
      ...{ issuer: issuer.url, audience: 'micropay', clock: systemClock },
      algorithms: ['RS256'],
    })
    assert.equal((await verify(`Bearer ${await issuer.sign({ header: { alg: 'RS256' } })}`)).client, 'cli')
    await assert.rejects(verify(`Bearer ${await issuer.sign()}`), TokenError)
  })

  test('a hundred kinds of bad token and more are told apart from good ones', async () => {
    assert.ok(badTokens.length > 100, String(badTokens.length))
    assert.equal(new Set(badTokens.map(([title]) => title)).size, badTokens.length)
    const verify = verifier()
    for (const [title, make] of badTokens) {
      const error: unknown = await verify(await make(issuer)).catch((thrown: unknown) => thrown)
      assert.ok(error instanceof TokenError, `a token ${title}: ${error}`)
      assert.equal(error.fault, 'invalid_token', title)
    }
    assert.equal((await verify(`Bearer ${await issuer.sign()}`)).client, 'cli')
  })

  test('a good token is refused from the moment on when it ends, however often it was used', async () => {
    let shiftMs = 0
    const verify = verifier(issuer.url, { ...systemClock, nowMs: () => Date.now() + shiftMs })
    const token = `Bearer ${await issuer.sign()}`
    await verify(token)
    shiftMs = 299_000 - (Date.now() % 1000)
    await verify(token)
    shiftMs = 301_000
    await assert.rejects(verify(token), /has expired/)
  })

  test('no token, and another scheme, are no bad token', async () => {
    for (const given of [undefined, '', 'Basic YWRhOmRldmVsb3BtZW50', 'Bearerx y']) {
      await assert.rejects(verifier()(given), (error: unknown) => error instanceof TokenError && !error.fault)
    }
  })

  test('an issuer that does not answer, or speaks for another, is unavailable', async () => {
    const token = await issuer.sign()
    await assert.rejects(verifier('http://127.0.0.1:1')(`Bearer ${token}`), IssuerUnavailableError)
    await assert.rejects(verifier(`${issuer.url}/`)(`Bearer ${token}`), IssuerUnavailableError)
  })
})
