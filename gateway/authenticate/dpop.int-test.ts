import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { createTokenVerifier, TokenError } from '@micropay/runtime/verify-token'
import { generateProof, generateKeyPair as generateProofKeys, type KeyPair } from 'dpop'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { z } from 'zod'
import { type GatewayUnderTest, problemCode, startGateway } from '../gateway-under-test.ts'
import { type OtherIssuer, startOtherIssuer } from './other-issuer.fixture.ts'

const TokenAnswer = z.object({ access_token: z.string(), token_type: z.string() })

describe('tokens of oidc-provider, bound by the client package dpop', { timeout: 60_000 }, () => {
  let provider: OtherIssuer
  let gateway: GatewayUnderTest
  let keys: KeyPair
  before(async () => {
    provider = await startOtherIssuer()
    gateway = await startGateway({ tokensOf: provider.url })
    keys = await generateProofKeys('ES256')
  })
  after(async () => {
    await gateway.close()
    provider.close()
  })

  async function tokenOf(holder?: KeyPair): Promise<string> {
    const url = `${provider.url}/token`
    const basic = Buffer.from('machine:of%20the%20machine').toString('base64')
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Basic ${basic}`,
        ...(holder ? { dpop: await generateProof(holder, url, 'POST') } : {}),
      },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'accounts:read payments:make' }),
    })
    assert.equal(answer.status, 200, await answer.clone().text())
    const { access_token, token_type } = TokenAnswer.parse(await answer.json())
    assert.equal(token_type, holder ? 'DPoP' : 'Bearer')
    return access_token
  }
  const ask = (headers: Record<string, string>, path = '/v1/accounts?limit=1', method = 'GET') =>
    fetch(`${gateway.url}${path}`, { method, headers })
  const proofFor = (token: string, holder = keys, path = '/v1/accounts', method = 'GET') =>
    generateProof(holder, `${gateway.url}${path}`, method, undefined, token)

  test('its tokens are what we ask of any, and plain ones are taken as Bearer', async () => {
    const token = await tokenOf()
    assert.equal(decodeProtectedHeader(token).typ, 'at+jwt')
    assert.equal((await ask({ authorization: `Bearer ${token}` })).status, 200)
  })

  test('a bound token is taken with a proof, once, here and behind', async () => {
    const token = await tokenOf(keys)
    assert.equal(typeof decodeJwt(token).cnf, 'object')
    const headers = { authorization: `DPoP ${token}`, dpop: await proofFor(token) }
    assert.equal((await ask(headers)).status, 200)
    const again = await ask(headers)
    assert.equal(again.status, 401)
    assert.match(again.headers.get('www-authenticate') ?? '', /^DPoP error="invalid_dpop_proof", algs="ES256 /)
    assert.equal(await problemCode(again), 'unauthenticated')

    const seen = gateway.seen.at(-1)
    const behind = createTokenVerifier({ issuer: provider.url, audience: 'micropay', clock: systemClock })
    const presented = { proof: seen?.headers.dpop?.toString(), method: seen?.method ?? '', target: seen?.url ?? '' }
    const authorization = seen?.headers.authorization?.toString()
    assert.equal((await behind(authorization, presented)).subject, 'machine')
    await assert.rejects(behind(authorization, { ...presented, target: '/v1/payments' }), TokenError)
    await assert.rejects(behind(authorization), TokenError)
  })

  test('a command goes through with a proof of its own', async () => {
    const token = await tokenOf(keys)
    const dpop = await proofFor(token, keys, '/v1/payments', 'POST')
    assert.equal((await ask({ authorization: `DPoP ${token}`, dpop }, '/v1/payments', 'POST')).status, 200)
  })

  test('whoever took a bound token can use it in no way, and no service hears of it', async () => {
    const token = await tokenOf(keys)
    const plain = await tokenOf()
    const thief = await generateProofKeys('ES256')
    const proof = await proofFor(token)
    const before = gateway.seen.length
    const attempts: readonly (readonly [string, Record<string, string>, string])[] = [
      ['as Bearer', { authorization: `Bearer ${token}` }, 'Bearer error="invalid_token"'],
      ['as Bearer, with the proof', { authorization: `Bearer ${token}`, dpop: proof }, 'Bearer error="invalid_token"'],
      ['without a proof', { authorization: `DPoP ${token}` }, 'DPoP error="invalid_dpop_proof"'],
      [
        'with a proof by another key',
        { authorization: `DPoP ${token}`, dpop: await proofFor(token, thief) },
        'DPoP error="invalid_dpop_proof"',
      ],
      [
        'with a proof for another token',
        { authorization: `DPoP ${token}`, dpop: await proofFor(plain) },
        'DPoP error="invalid_dpop_proof"',
      ],
      [
        'with a proof for another path',
        { authorization: `DPoP ${token}`, dpop: await proofFor(token, keys, '/v1/payments') },
        'DPoP error="invalid_dpop_proof"',
      ],
      [
        'with a proof for another method',
        { authorization: `DPoP ${token}`, dpop: await proofFor(token, keys, '/v1/accounts', 'POST') },
        'DPoP error="invalid_dpop_proof"',
      ],
      [
        'with a proof for the issuer',
        { authorization: `DPoP ${token}`, dpop: await generateProof(keys, `${provider.url}/token`, 'POST') },
        'DPoP error="invalid_dpop_proof"',
      ],
      [
        'a plain token by the scheme of bound ones',
        { authorization: `DPoP ${plain}`, dpop: await proofFor(plain) },
        'DPoP error="invalid_token"',
      ],
    ]
    for (const [title, headers, challenge] of attempts) {
      const answer = await ask(headers)
      assert.equal(answer.status, 401, title)
      assert.ok(answer.headers.get('www-authenticate')?.startsWith(challenge), title)
    }
    assert.equal(gateway.seen.length, before)
  })

  test('two proofs are none', async () => {
    const token = await tokenOf(keys)
    const headers = new Headers({ authorization: `DPoP ${token}` })
    headers.append('dpop', await proofFor(token))
    headers.append('dpop', await proofFor(token))
    const answer = await fetch(`${gateway.url}/v1/accounts`, { headers })
    assert.match(answer.headers.get('www-authenticate') ?? '', /^DPoP error="invalid_dpop_proof"/)
  })

  test('a bound token without the scope is told so in its scheme', async () => {
    const token = await tokenOf(keys)
    const dpop = await proofFor(token, keys, '/v1/workers')
    const answer = await ask({ authorization: `DPoP ${token}`, dpop }, '/v1/workers')
    assert.equal(answer.status, 403)
    assert.match(
      answer.headers.get('www-authenticate') ?? '',
      /^DPoP error="insufficient_scope", scope="[a-z:]+", algs=/,
    )
  })

  for (const alg of ['PS256', 'Ed25519'] as const) {
    test(`a proof may be by ${alg}`, async () => {
      const holder = await generateProofKeys(alg)
      const token = await tokenOf(holder)
      const dpop = await proofFor(token, holder)
      assert.equal((await ask({ authorization: `DPoP ${token}`, dpop })).status, 200)
    })
  }
})
