import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { Session, SignedOut } from '@micropay/schemas/api/token'
import { decodeJwt } from 'jose'
import { createBrowser, type GatewayUnderTest, signIn, startGateway } from '../gateway-under-test.ts'
import { openInProcessMemory } from '../share/in-process/in-process-memory.ts'

describe('signing out at the issuer, too', { timeout: 60_000 }, () => {
  let gateway: GatewayUnderTest
  before(async () => {
    gateway = await startGateway()
  })
  after(() => gateway.close())

  async function signOut(browser: ReturnType<typeof createBrowser>) {
    const csrfToken = await csrfTokenOf(browser, gateway.url)
    const headers = { 'x-csrf-token': csrfToken, origin: gateway.url, 'sec-fetch-site': 'same-origin' }
    return browser.go(`${gateway.url}/session/logout`, { method: 'POST', headers })
  }
  const csrfTokenOf = async (browser: ReturnType<typeof createBrowser>, url: string) =>
    Session.parse(await (await browser.go(`${url}/session`)).json()).csrfToken
  const endSessionUrlOf = async (answer: Response) => new URL(SignedOut.parse(await answer.json()).endSessionUrl)

  test('leads to the issuer with the ID token of the session, and back to a page that says so', async () => {
    const { browser } = await signIn(gateway.url, 'ada')
    const leaving = await endSessionUrlOf(await signOut(browser))
    assert.equal(`${leaving.origin}${leaving.pathname}`, `${gateway.issuer.url}/end-session`)
    const { id_token_hint: hint, ...said } = Object.fromEntries(leaving.searchParams)
    assert.equal(decodeJwt(hint ?? '').sub, 'customer:ada')
    assert.equal(said.client_id, 'gateway')
    assert.equal(said.post_logout_redirect_uri, `${gateway.url}/session/signed-out`)

    const back = (await fetch(leaving, { redirect: 'manual' })).headers.get('location') ?? ''
    assert.equal(back, `${gateway.url}/session/signed-out?state=${said.state}`)
    const page = await browser.go(back)
    assert.equal(page.status, 200)
    assert.equal(page.headers.get('clear-site-data'), '"cache", "cookies", "storage"')
    assert.match(await page.text(), /You are signed out.*href="\/session\/login">Sign in again/s)
    assert.deepEqual([...browser.cookies], [])
    assert.equal((await browser.go(back)).headers.get('location'), '/', 'once')
  })

  test('the ID token is sent by the browser to that route alone, and read by nobody', async () => {
    const { callback } = await signIn(gateway.url, 'ada')
    const [line = ''] = callback.headers.getSetCookie().filter((one) => one.startsWith('micropay-id-token='))
    assert.match(line, /; Path=\/session\/logout; HttpOnly; SameSite=Lax$/)
    assert.doesNotMatch(line, /eyJ[\w-]+\.eyJ/)
  })

  test('the ID token of another session is not shown for this one', async () => {
    const [ada, ben] = [await signIn(gateway.url, 'ada'), await signIn(gateway.url, 'ben')]
    ben.browser.cookies.set('micropay-id-token', ada.browser.cookies.get('micropay-id-token') ?? '')
    const { searchParams } = await endSessionUrlOf(await signOut(ben.browser))
    assert.deepEqual([searchParams.get('id_token_hint'), searchParams.get('client_id')], [null, 'gateway'])
  })

  test('who is led to the page without having asked goes on, signed in as before', async () => {
    const { browser } = await signIn(gateway.url, 'ada')
    const { browser: other } = await signIn(gateway.url, 'ada')
    const { searchParams } = await endSessionUrlOf(await signOut(other))
    for (const state of [searchParams.get('state'), 'guessed']) {
      const page = await browser.go(`${gateway.url}/session/signed-out?state=${state}`)
      assert.deepEqual([page.status, page.headers.get('location')], [303, '/'])
      assert.equal(page.headers.get('clear-site-data'), null)
    }
    const wrong = await other.go(`${gateway.url}/session/signed-out?state=guessed`)
    assert.deepEqual([wrong.status, wrong.headers.get('clear-site-data')], [303, null])
    assert.equal((await browser.go(`${gateway.url}/session`)).status, 200)
  })

  test('while the issuer is away, signs out here all the same', async (context) => {
    const alone = await startGateway()
    context.after(() => alone.close())
    const { browser } = await signIn(alone.url, 'ada')
    const csrfToken = await csrfTokenOf(browser, alone.url)
    // It has not asked yet what the issuer offers.
    const other = await alone.beside(openInProcessMemory(systemClock))
    context.after(() => other.close())
    await alone.issuer.close()
    const headers = { 'x-csrf-token': csrfToken, origin: alone.url, 'sec-fetch-site': 'same-origin' }
    const copy = createBrowser()
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value)
    const out = await browser.go(`${other.url}/session/logout`, { method: 'POST', headers })
    assert.deepEqual([out.status, out.headers.get('clear-site-data')], [204, '"cache", "cookies", "storage"'])
    assert.equal((await copy.go(`${other.url}/session`)).status, 401)
  })
})
