import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { type Change, nowSeconds } from '@micropay/runtime/test-issuer.fixture'
import { generateKeyPair } from 'jose'
import { type createBrowser, type GatewayUnderTest, problemCode, signIn, startGateway } from '../gateway-under-test.ts'
import { idTokenIn, logoutTokensOf, type SignLogout, sendLogout, sessionIn } from './logout-token.fixture.ts'
import type { SessionData } from './sessions.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
const other = await generateKeyPair('ES256')
const rsa = await generateKeyPair('RS256')
const secret = new TextEncoder().encode('a secret that both sides could know, or not at all')

/** What is wrong with each, and how it differs from a good one of the session that must go on. */
const bad: readonly (readonly [string, Change])[] = [
  ['whose type is that of an ID token', { header: { typ: 'JWT' } }],
  ['whose type is that of an access token', { header: { typ: 'at+jwt' } }],
  ['whose type is empty', { header: { typ: '' } }],
  ['of another key with the id of a known one', { key: other.privateKey }],
  ['of a key that nobody knows', { key: other.privateKey, header: { kid: 'another' } }],
  ['signed by an algorithm that is not taken', { key: rsa.privateKey, header: { alg: 'RS256' } }],
  ['signed by a shared secret', { key: secret, header: { alg: 'HS256' } }],
  ['with an extension that nobody knows', { header: { crit: ['urn:x'], 'urn:x': 1 } }],
  ['of another issuer', { claims: { iss: 'http://127.0.0.1:1' } }],
  ['of no issuer', { claims: { iss: undefined } }],
  ['for another client', { claims: { aud: 'machine' } }],
  ['for the audience of access tokens', { claims: { aud: 'micropay' } }],
  ['for another client, too', { claims: { aud: ['gateway', 'machine'] } }],
  ['for nobody', { claims: { aud: undefined } }],
  ['that does not say when it was issued', { claims: { iat: undefined } }],
  ['whose time of issue is text', { claims: { iat: String(nowSeconds()) } }],
  ['issued in the future', { claims: { iat: nowSeconds() + 3600, exp: nowSeconds() + 3700 } }],
  ['that does not end', { claims: { exp: undefined } }],
  ['that has expired', { claims: { iat: nowSeconds() - 200, exp: nowSeconds() - 1 } }],
  ['that lives for two days', { claims: { exp: nowSeconds() + 172_800 } }],
  ['not to be used yet', { claims: { nbf: nowSeconds() + 600 } }],
  ['without an id', { claims: { jti: undefined } }],
  ['with an empty id', { claims: { jti: '' } }],
  ['whose id is a number', { claims: { jti: 7 } }],
  ['without events', { claims: { events: undefined } }],
  ['whose events are a list', { claims: { events: [EVENT] } }],
  ['of another event', { claims: { events: { 'http://schemas.openid.net/event/other': {} } } }],
  ['whose event is true', { claims: { events: { [EVENT]: true } } }],
  ['whose event is null', { claims: { events: { [EVENT]: null } } }],
  ['with a nonce', { claims: { nonce: 'n1' } }],
  ['with an empty nonce', { claims: { nonce: '' } }],
  ['whose nonce is null', { claims: { nonce: null } }],
  ['of no session and no person', { claims: { sid: undefined } }],
  ['whose session is empty', { claims: { sid: '', sub: 'customer:ada' } }],
  ['whose session is a list', { claims: { sid: ['one'], sub: 'customer:ada' } }],
  ['whose person is a number', { claims: { sub: 7 } }],
  ['of a person with a name of 300 characters', { claims: { sub: 'a'.repeat(300) } }],
]

describe('a logout token', { timeout: 60_000 }, () => {
  let gateway: GatewayUnderTest
  let sign: SignLogout
  let browser: ReturnType<typeof createBrowser>
  let session: SessionData
  before(async () => {
    gateway = await startGateway()
    sign = await logoutTokensOf(gateway)
    browser = (await signIn(gateway.url, 'ada')).browser
    session = await sessionIn(browser)
  })
  after(() => gateway.close())

  async function isRefused(answer: Response, status = 400, code = 'logout_token_invalid') {
    assert.equal(answer.status, status)
    assert.match(answer.headers.get('cache-control') ?? '', /\bno-store\b/)
    assert.equal(await problemCode(answer), code)
    assert.equal((await browser.go(`${gateway.url}/session`)).status, 200, 'the session goes on')
  }

  for (const [title, change] of bad) {
    test(`${title} is a 400, and ends nothing`, async () => {
      await isRefused(await sendLogout(gateway.url, await sign(session.atIssuer?.sid, change)))
    })
  }

  test('that is a token of another kind is a 400, and ends nothing', async () => {
    const idToken = await idTokenIn(browser)
    const none = `${encode({ alg: 'none', typ: 'logout+jwt' })}.${idToken.split('.')[1]}.`
    for (const token of [idToken, session.accessToken, session.refreshToken ?? '', none, `${idToken}.x.y`, 'x', '']) {
      await isRefused(await sendLogout(gateway.url, token))
    }
  })

  test('whose claims were changed on the way is a 400, and ends nothing', async () => {
    const [head, , signature] = (await sign('another')).split('.')
    const [, claims] = (await sign(session.atIssuer?.sid)).split('.')
    await isRefused(await sendLogout(gateway.url, `${head}.${claims}.${signature}`))
  })

  test('that does not come alone, in a form, is a 400, and ends nothing', async () => {
    const good = await sign(session.atIssuer?.sid)
    const url = `${gateway.url}/session/backchannel-logout`
    const form = (pairs: string[][]) => new URLSearchParams(pairs)
    const json = { 'content-type': 'application/json' }
    const text = { 'content-type': 'text/plain' }
    for (const [to, init] of [
      [`${url}?logout_token=${good}`, {}],
      [url, { body: form([]) }],
      [url, { body: form([['token', good]]) }],
      [
        url,
        {
          body: form([
            ['logout_token', good],
            ['logout_token', good],
          ]),
        },
      ],
      [url, { body: JSON.stringify({ logout_token: good }), headers: json }],
      [url, { body: `logout_token=${good}`, headers: text }],
    ] as const) {
      await isRefused(await fetch(to, { method: 'POST', ...init }))
    }
    const long = form([
      ['logout_token', good],
      ['more', 'x'.repeat(17_000)],
    ])
    await isRefused(await fetch(url, { method: 'POST', body: long }), 413, 'body_too_large')
  })

  test('that was used is a 400 from then on, and ends nothing more', async () => {
    const good = await sign(undefined, { claims: { sub: 'customer:ben' } })
    assert.equal((await sendLogout(gateway.url, good)).status, 200)
    await isRefused(await sendLogout(gateway.url, good))
  })

  test('while the keys of the issuer cannot be had is a 400 that says so, and ends nothing', async (context) => {
    const alone = await startGateway()
    context.after(() => alone.close())
    const signAlone = await logoutTokensOf(alone)
    await alone.issuer.close()
    const answer = await sendLogout(alone.url, await signAlone('one'))
    assert.equal(answer.status, 400)
    assert.equal(await problemCode(answer), 'logout_failed')
  })

  test('that is refused stands in the security log, with the reason and nothing of the token', async () => {
    await gateway.app.close()
    const lines = (await readFile(gateway.securityLogPath, 'utf8')).split('\n')
    const refused = lines.filter((line) => line.includes('"event":"logout_failed"'))
    assert.ok(refused.some((line) => line.includes('"reason":"the logout token is not accepted: it was used before"')))
    assert.ok(refused.every((line) => line.includes('"address":"127.0.0.1"')))
    assert.doesNotMatch(refused.join(), /eyJ|urn:x|customer:/)
  })

  test('that is good ends it: what was refused was refused for its fault', async (context) => {
    const again = await startGateway()
    context.after(() => again.close())
    const { browser: other } = await signIn(again.url, 'ada')
    const signAgain = await logoutTokensOf(again)
    const answer = await sendLogout(again.url, await signAgain((await sessionIn(other)).atIssuer?.sid))
    assert.deepEqual([answer.status, await answer.text()], [200, ''])
    assert.match(answer.headers.get('cache-control') ?? '', /\bno-store\b/)
    assert.equal((await other.go(`${again.url}/session`)).status, 401)
  })
})

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
