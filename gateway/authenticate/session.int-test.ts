import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { Session } from '@micropay/schemas/api/token'
import { createBrowser, type GatewayUnderTest, problemCode, signIn, startGateway } from '../gateway-under-test.ts'

describe('a browser session', () => {
  let gateway: GatewayUnderTest
  let shiftMs = 0
  before(async () => {
    gateway = await startGateway({ clock: { ...systemClock, nowMs: () => Date.now() + shiftMs } })
  })
  after(() => gateway.close())

  const sessionOf = async (browser: ReturnType<typeof createBrowser>) =>
    Session.parse(await (await browser.go(`${gateway.url}/session`)).json())
  const csrf = (token: string) => ({ 'x-csrf-token': token, origin: gateway.url, 'sec-fetch-site': 'same-origin' })

  test('signing in leads back to the page asked for, and the session says who it is', async () => {
    const { browser, callback } = await signIn(gateway.url, 'ada', '/accounts/ada:main?page=2')
    assert.equal(callback.status, 303)
    assert.equal(callback.headers.get('location'), '/accounts/ada:main?page=2')
    const session = await sessionOf(browser)
    assert.equal(session.subject, 'customer:ada')
    assert.equal(session.name, 'Ada Lovelace')
    assert.deepEqual(session.scopes, ['accounts:read', 'payments:make'])
  })

  test('cookies are HttpOnly and SameSite=Lax, and hold no readable token', async () => {
    const { callback, browser } = await signIn(gateway.url, 'ada')
    const lines = callback.headers.getSetCookie().filter((line) => line.startsWith('micropay='))
    assert.equal(lines.length, 1)
    assert.match(lines[0] ?? '', /; Path=\/; HttpOnly; SameSite=Lax$/)
    assert.doesNotMatch(lines[0] ?? '', /eyJ[\w-]+\.eyJ/)
    assert.ok([...browser.cookies].every(([name]) => !name.startsWith('micropay-sign-in')))
  })

  test('the services get the session’s token and no cookie, and their cookies stay with them', async () => {
    const { browser } = await signIn(gateway.url, 'ada')
    const answer = await browser.go(`${gateway.url}/v1/accounts`)
    assert.equal(answer.status, 200)
    assert.deepEqual(answer.headers.getSetCookie(), [])
    const sent = gateway.seen.at(-1)
    assert.match(String(sent?.headers.authorization), /^Bearer ey/)
    assert.equal(sent?.headers.cookie, undefined)
  })

  test('a POST by cookie needs the session’s CSRF token and our origin', async () => {
    const { browser } = await signIn(gateway.url, 'ada')
    const { csrfToken } = await sessionOf(browser)
    const pay = (headers: Record<string, string>) =>
      browser.go(`${gateway.url}/v1/payments`, { method: 'POST', body: '{}', headers })
    assert.equal((await pay(csrf(csrfToken))).status, 200)
    assert.equal(gateway.seen.at(-1)?.headers['x-csrf-token'], undefined)
    const before = gateway.seen.length
    assert.equal(await problemCode(await pay({})), 'csrf_token_invalid')
    assert.equal(
      await problemCode(await pay({ ...csrf(csrfToken), origin: 'http://evil.example' })),
      'csrf_token_invalid',
    )
    assert.equal(
      await problemCode(await pay({ ...csrf(csrfToken), 'sec-fetch-site': 'cross-site' })),
      'csrf_token_invalid',
    )
    assert.equal(gateway.seen.length, before)
  })

  test('nobody is signed in without a cookie, or with a forged one', async () => {
    const stranger = createBrowser()
    assert.equal(await problemCode(await stranger.go(`${gateway.url}/session`)), 'unauthenticated')
    const { browser } = await signIn(gateway.url, 'ada')
    const held = browser.cookies.get('micropay') ?? ''
    stranger.cookies.set('micropay', `${held.slice(0, -3)}${held.endsWith('AAA') ? 'BBB' : 'AAA'}`)
    assert.equal((await stranger.go(`${gateway.url}/session`)).status, 401)
  })

  const later = async (minutes: number, ask: () => Promise<Response>) => {
    shiftMs = minutes * 60_000
    return ask().finally(() => {
      shiftMs = 0
    })
  }

  test('a session ends after twelve hours, however much it is used', async () => {
    const { browser } = await signIn(gateway.url, 'ada')
    const ask = () => browser.go(`${gateway.url}/session`)
    for (let minutes = 25; minutes < 720; minutes += 25) assert.equal((await later(minutes, ask)).status, 200)
    assert.equal((await later(719, ask)).status, 200)
    const over = await later(721, ask)
    assert.equal(await problemCode(over), 'unauthenticated')
  })

  test('a session that nobody uses for half an hour is over', async () => {
    const { browser } = await signIn(gateway.url, 'ada')
    const ask = () => browser.go(`${gateway.url}/v1/accounts`)
    assert.equal((await later(29, ask)).status, 200)
    const used = browser.cookies.get('micropay-used')
    assert.ok(used)
    assert.equal((await later(58, ask)).status, 200)
    assert.notEqual(browser.cookies.get('micropay-used'), used)
    assert.equal((await later(87, ask)).status, 200)
    const idle = await later(118, ask)
    assert.match(await idle.clone().text(), /not used for too long/)
    assert.equal(await problemCode(idle), 'unauthenticated')
  })

  test('what a page asks by itself, and an event stream, do not keep a session from ending', async () => {
    for (const headers of [{ 'x-unattended': '?1' }, { accept: 'text/event-stream' }]) {
      const { browser } = await signIn(gateway.url, 'ada')
      const ask = () => browser.go(`${gateway.url}/v1/accounts`, { headers })
      assert.equal((await later(29, ask)).status, 200)
      assert.equal((await later(31, ask)).status, 401)
    }
  })

  test('when another session was used says nothing of this one', async () => {
    const { browser: other } = await signIn(gateway.url, 'ada')
    await later(29, () => other.go(`${gateway.url}/v1/accounts`))
    const { browser } = await signIn(gateway.url, 'ada')
    browser.cookies.set('micropay-used', other.cookies.get('micropay-used') ?? '')
    assert.equal((await later(31, () => browser.go(`${gateway.url}/v1/accounts`))).status, 401)
  })

  test('an expiring token is refreshed once for all requests that wait, and the session goes on', async () => {
    const { browser } = await signIn(gateway.url, 'ada')
    const before = await sessionOf(browser)
    const oldCookie = browser.cookies.get('micropay') ?? ''
    shiftMs = 14.5 * 60 * 1000
    const ask = () => fetch(`${gateway.url}/v1/accounts`, { headers: { cookie: `micropay=${oldCookie}` } })
    const answers = await Promise.all([ask(), ask(), browser.go(`${gateway.url}/v1/accounts`)])
    const after = await sessionOf(browser)
    // The development issuer takes a refresh token once: a second use would have ended the session.
    const late = await ask()
    shiftMs = 0
    assert.deepEqual(
      [...answers, late].map((answer) => answer.status),
      [200, 200, 200, 200],
    )
    assert.notEqual(browser.cookies.get('micropay'), oldCookie)
    assert.equal(after.csrfToken, before.csrfToken)
    assert.equal(after.expiresAt, before.expiresAt)
    const tokens = gateway.seen.slice(-4).map((one) => one.headers.authorization)
    assert.equal(new Set(tokens).size, 1)
  })

  test('signing out ends the session here, and its refresh token at the issuer', async () => {
    const { browser } = await signIn(gateway.url, 'ada')
    const { csrfToken } = await sessionOf(browser)
    await later(10, () => browser.go(`${gateway.url}/session`))
    assert.ok(browser.cookies.has('micropay-used'))
    const copy = createBrowser()
    copy.cookies.set('micropay', browser.cookies.get('micropay') ?? '')
    assert.equal((await browser.go(`${gateway.url}/session/logout`, { method: 'POST' })).status, 403)
    const out = await browser.go(`${gateway.url}/session/logout`, { method: 'POST', headers: csrf(csrfToken) })
    assert.equal(out.status, 200)
    assert.equal(out.headers.get('clear-site-data'), '"cache", "storage"')
    assert.deepEqual([...browser.cookies.keys()], ['micropay-sign-out'])
    assert.equal((await browser.go(`${gateway.url}/session`)).status, 401)
    assert.equal((await copy.go(`${gateway.url}/v1/accounts`)).status, 401)
  })

  test('a callback that this browser did not ask for, or twice, signs nobody in', async () => {
    const { browser, callbackUrl } = await signIn(gateway.url, 'ada')
    const stranger = createBrowser()
    const answer = await stranger.go(callbackUrl)
    assert.equal(answer.status, 400)
    assert.match(await answer.text(), /Try again/)
    assert.equal((await browser.go(callbackUrl)).status, 400)

    const login = await stranger.go(`${gateway.url}/session/login`)
    assert.equal(login.status, 303)
    const forged = new URL(callbackUrl)
    forged.searchParams.set('state', 'another')
    assert.equal((await stranger.go(forged.href)).status, 400)
    assert.equal((await stranger.go(`${gateway.url}/session`)).status, 401)
  })

  test('a return address of another site is not followed', async () => {
    const { callback } = await signIn(gateway.url, 'ada', '//evil.example/')
    assert.equal(callback.headers.get('location'), '/')
  })

  test('without the issuer, signing in says so', async () => {
    const alone = await startGateway()
    await alone.issuer.close()
    const answer = await fetch(`${alone.url}/session/login`, { redirect: 'manual' })
    assert.equal(answer.status, 502)
    assert.match(await answer.text(), /does not answer right now/)
    await alone.close()
  })
})
