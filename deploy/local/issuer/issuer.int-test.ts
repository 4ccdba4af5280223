import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { createTokenVerifier, TokenError } from '@micropay/runtime/verify-token'
import { decodeProtectedHeader } from 'jose'
import { z } from 'zod'
import { type DevelopmentIssuer, startDevelopmentIssuer } from './issuer.ts'
import { personas } from './personas.ts'

const redirectUri = 'http://127.0.0.1:8080/session/callback'
const signedOutUri = 'http://127.0.0.1:8080/session/signed-out'
const verifier = 'a-code-verifier-of-at-least-forty-three-characters'
const challenge = createHash('sha256').update(verifier).digest('base64url')
const Tokens = z.object({
  access_token: z.string(),
  expires_in: z.number(),
  id_token: z.string().optional(),
  refresh_token: z.string().optional(),
})

describe('the development issuer', () => {
  let directory = ''
  let issuer: DevelopmentIssuer
  const start = (more: { host?: string } = {}) =>
    startDevelopmentIssuer({
      ...more,
      directory,
      port: 0,
      client: { id: 'gateway', secret: 'of the gateway', redirectUris: [redirectUri], signedOutUris: [signedOutUri] },
      audience: 'micropay',
      clock: systemClock,
      log: createLogger('test', 'silent'),
    })
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'issuer-'))
    issuer = await start()
  })
  after(async () => {
    await issuer.close()
    await rm(directory, { recursive: true })
  })

  const verify = (token: string) =>
    createTokenVerifier({ issuer: issuer.url, audience: 'micropay', clock: systemClock })(`Bearer ${token}`)
  const ask = (form: Record<string, string>) =>
    fetch(`${issuer.url}/token`, { method: 'POST', body: new URLSearchParams(form) })
  const client = { client_id: 'gateway', client_secret: 'of the gateway' }
  const authorizeUrl = (change: Record<string, string> = {}) => {
    const all = {
      client_id: 'gateway',
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'openid accounts:read platform:operate',
      state: 's1',
      nonce: 'n1',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...change,
    }
    return `${issuer.url}/authorize?${new URLSearchParams(all)}`
  }
  const choose = async (change: Record<string, string> = {}) => {
    const body = new URLSearchParams({ persona: 'ada' })
    const answer = await fetch(authorizeUrl(change), { method: 'POST', body, redirect: 'manual' })
    return new URL(answer.headers.get('location') ?? '').searchParams
  }
  const redeem = async (code: string, change: Record<string, string> = {}) =>
    ask({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      ...client,
      ...change,
    })

  test('its key is made once, readable to its owner alone, and a damaged one is not replaced silently', async () => {
    const path = join(directory, 'issuer-key.json')
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    const again = await start()
    const keysOf = async (url: string) => (await fetch(`${url}/jwks`)).text()
    assert.equal(await keysOf(again.url), await keysOf(issuer.url))
    assert.doesNotMatch(await keysOf(issuer.url), /"d"/)
    await again.close()
    const good = await readFile(path, 'utf8')
    await writeFile(path, good.slice(0, 20))
    await assert.rejects(start(), /is damaged: delete it/)
    await writeFile(path, good)
  })

  test('it listens on loopback alone unless told otherwise', async () => {
    const elsewhere = (url: string) => fetch(url.replace('127.0.0.1', '127.0.0.2')).then(({ status }) => status)
    await assert.rejects(elsewhere(`${issuer.url}/health/live`), TypeError)
    const open = await start({ host: '0.0.0.0' })
    assert.equal(await elsewhere(`${open.url.replace('0.0.0.0', '127.0.0.1')}/health/live`), 200)
    await open.close()
  })

  for (const persona of personas) {
    test(`a script gets a token of ${persona.name} with the persona's scopes`, async () => {
      const answer = await ask({
        grant_type: 'client_credentials',
        client_id: persona.id,
        client_secret: 'development',
      })
      const tokens = Tokens.parse(await answer.json())
      const caller = await verify(tokens.access_token)
      assert.equal(caller.subject, persona.subject)
      assert.equal(caller.client, persona.id)
      assert.equal(caller.tenant, 'main')
      assert.deepEqual([...caller.scopes], [...persona.scopes])
      assert.equal(tokens.expires_in, 900)
      assert.equal(tokens.refresh_token, undefined)
      assert.equal(decodeProtectedHeader(tokens.access_token).typ, 'at+jwt')
    })
  }

  test('the client cli acts for the operator, and may ask for less', async () => {
    const cli = { grant_type: 'client_credentials', client_id: 'cli', client_secret: 'development' }
    const answer = await ask({ ...cli, scope: 'payments:book payments:make' })
    const caller = await verify(Tokens.parse(await answer.json()).access_token)
    assert.deepEqual([caller.subject, caller.client, [...caller.scopes]], ['operator:olga', 'cli', ['payments:book']])
  })

  test('a wrong secret, an unknown client and the gateway itself get no script token', async () => {
    const grant = { grant_type: 'client_credentials' }
    assert.equal((await ask({ ...grant, client_id: 'ada', client_secret: 'Development' })).status, 401)
    assert.equal((await ask({ ...grant, client_id: 'constructor', client_secret: 'development' })).status, 401)
    assert.equal((await ask({ ...grant, ...client })).status, 400)
  })

  test('the page offers every persona, runs nothing, and says what it is for', async () => {
    const answer = await fetch(authorizeUrl())
    const html = await answer.text()
    for (const persona of personas) assert.match(html, new RegExp(`Sign in as ${persona.name}`))
    assert.match(html, /for development only/)
    assert.match(answer.headers.get('content-security-policy') ?? '', /^default-src 'none';/)
  })

  test('a code gives tokens of what was asked and the persona may have, and none of them stands in for another', async () => {
    const back = await choose()
    assert.deepEqual([back.get('state'), back.get('iss')], ['s1', issuer.url])
    const tokens = Tokens.parse(await (await redeem(back.get('code') ?? '')).json())
    assert.deepEqual([...(await verify(tokens.access_token)).scopes], ['accounts:read'])
    await assert.rejects(verify(tokens.id_token ?? ''), TokenError)
    await assert.rejects(verify(tokens.refresh_token ?? ''), TokenError)
  })

  test('a code is good once, for its verifier, its client and its address', async () => {
    const code = (await choose()).get('code') ?? ''
    assert.equal((await redeem(code)).status, 200)
    assert.equal((await redeem(code)).status, 400)
    for (const change of [
      { code_verifier: `${verifier}x` },
      { code_verifier: '' },
      { redirect_uri: 'http://evil.example/' },
      { client_id: 'ada', client_secret: 'development' },
    ]) {
      assert.equal((await redeem((await choose()).get('code') ?? '', change)).status, 400, JSON.stringify(change))
    }
  })

  test('PKCE by S256 is required', async () => {
    assert.equal((await choose({ code_challenge_method: 'plain' })).get('error'), 'invalid_request')
    assert.equal((await choose({ code_challenge: '' })).get('error'), 'invalid_request')
  })

  test('another redirect address or client is told so on the page, and nobody is sent there', async () => {
    for (const change of [{ redirect_uri: `${redirectUri}/` }, { client_id: 'other' }]) {
      const answer = await fetch(authorizeUrl(change), { redirect: 'manual' })
      assert.equal(answer.status, 400)
      assert.equal(answer.headers.get('location'), null)
    }
  })

  test('a refresh token is good once, and not after it was revoked', async () => {
    const signIn = async () =>
      Tokens.parse(await (await redeem((await choose()).get('code') ?? '')).json()).refresh_token ?? ''
    const refresh = (refresh_token: string) => ask({ grant_type: 'refresh_token', refresh_token, ...client })
    const first = await signIn()
    const next = await refresh(first)
    assert.equal(next.status, 200)
    assert.equal((await verify(Tokens.parse(await next.json()).access_token)).subject, 'customer:ada')
    assert.equal((await refresh(first)).status, 400)
    const second = await signIn()
    await fetch(`${issuer.url}/revoke`, { method: 'POST', body: new URLSearchParams({ token: second, ...client }) })
    assert.equal((await refresh(second)).status, 400)
  })

  test('signing out leads back, with the state, to an address that is known of the client, or nowhere', async () => {
    const { id_token: idToken = '' } = Tokens.parse(await (await redeem((await choose()).get('code') ?? '')).json())
    const leave = (parameters: Record<string, string>) =>
      fetch(`${issuer.url}/end-session?${new URLSearchParams(parameters)}`, { redirect: 'manual' })
    const back = { post_logout_redirect_uri: signedOutUri, state: 's1' }
    for (const shown of [{ id_token_hint: idToken }, { client_id: 'gateway' }]) {
      const answer = await leave({ ...shown, ...back })
      assert.deepEqual([answer.status, answer.headers.get('location')], [303, `${signedOutUri}?state=s1`])
    }
    const form = new URLSearchParams({ id_token_hint: idToken, ...back })
    assert.equal(
      (await fetch(`${issuer.url}/end-session`, { method: 'POST', body: form, redirect: 'manual' })).status,
      303,
    )
    for (const bad of [
      back,
      { ...back, client_id: 'other' },
      { ...back, id_token_hint: `${idToken}x` },
      { ...back, client_id: 'gateway', post_logout_redirect_uri: `${signedOutUri}/` },
    ]) {
      const answer = await leave(bad)
      assert.deepEqual([answer.status, answer.headers.get('location')], [400, null], JSON.stringify(bad))
    }
    assert.equal((await leave({})).status, 200)
  })
})
