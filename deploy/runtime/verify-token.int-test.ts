import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { systemClock } from './clock.ts'
import { IssuerUnavailableError } from './issuer-keys.ts'
import { createTokenVerifier, TokenError } from './verify-token.ts'

const { privateKey, publicKey } = await generateKeyPair('ES256')
const stranger = await generateKeyPair('ES256')
const claims = { client_id: 'cli', tenant: 'main', scope: 'accounts:read payments:make' }

describe('a token is checked against the keys of the discovered issuer', () => {
  let issuer = ''
  let keysStatus = 200
  let discoveries = 0
  const server = createServer(async (request, response) => {
    if (request.url === '/.well-known/openid-configuration') {
      discoveries += 1
      response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/some/keys` }))
    } else if (request.url === '/some/keys') {
      response.writeHead(keysStatus).end(JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one' }] }))
    } else response.writeHead(404).end()
  })
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    assert.ok(address && typeof address === 'object')
    issuer = `http://127.0.0.1:${address.port}`
  })
  after(() => server.close())

  const verifier = (named = issuer) => createTokenVerifier({ issuer: named, audience: 'micropay', clock: systemClock })
  const sign = (change: Record<string, unknown> = {}, key = privateKey) =>
    new SignJWT({ ...claims, iss: issuer, aud: 'micropay', sub: 'customer:ada', ...change })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .setIssuedAt()
      .setExpirationTime(change.exp === undefined ? '5m' : Number(change.exp))
      .sign(key)

  test('a good token is a caller, and discovery happens once', async () => {
    const verify = verifier()
    const before = discoveries
    const [caller] = await Promise.all([verify(`Bearer ${await sign()}`), verify(`bearer ${await sign({ jti: 'b' })}`)])
    assert.equal(caller.subject, 'customer:ada')
    assert.deepEqual([...caller.scopes], ['accounts:read', 'payments:make'])
    assert.equal(discoveries - before, 1)
  })

  const refused: readonly [string, () => Promise<string> | string, RegExp][] = [
    ['an expired token', () => sign({ exp: 1000 }), /expired/],
    ['a token of another issuer', () => sign({ iss: 'http://elsewhere' }), /"iss"/],
    ['a token for another audience', () => sign({ aud: 'gateway' }), /"aud"/],
    ['a token signed by a stranger', () => sign({}, stranger.privateKey), /signature/],
    ['a token without a tenant', () => sign({ tenant: undefined }), /a claim is missing/],
    ['a token of alg none', () => new UnsecuredJWT({ ...claims, iss: issuer, aud: 'micropay' }).encode(), /alg|JWS/i],
    ['nonsense', () => 'nonsense', /Compact JWS/i],
  ]
  for (const [title, token, message] of refused) {
    test(`${title} is refused`, async () => {
      const given = await token()
      await assert.rejects(verifier()(`Bearer ${given}`), (error: unknown) => {
        assert.ok(error instanceof TokenError, String(error))
        assert.match(error.message, message)
        return true
      })
    })
  }

  test('keys that cannot be had are the issuer’s fault, and asked for again at the next call', async () => {
    const verify = verifier()
    keysStatus = 500
    await assert.rejects(verify(`Bearer ${await sign()}`), IssuerUnavailableError)
    keysStatus = 200
    assert.equal((await verify(`Bearer ${await sign()}`)).client, 'cli')
  })

  test('an issuer that does not answer, or speaks for another, is unavailable', async () => {
    await assert.rejects(verifier('http://127.0.0.1:1')(`Bearer ${await sign()}`), IssuerUnavailableError)
    await assert.rejects(verifier(`${issuer}/`)(`Bearer ${await sign()}`), IssuerUnavailableError)
  })
})
