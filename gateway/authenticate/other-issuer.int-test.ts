import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { freePort } from '@micropay/local/stores/free-port'
import { systemClock } from '@micropay/runtime/clock'
import { usualStepUp } from '@micropay/runtime/step-up'
import { createTokenVerifier } from '@micropay/runtime/verify-token'
import { Session, SignedOut } from '@micropay/schemas/api/token'
import { createBrowser, type GatewayUnderTest, startGateway } from '../gateway-under-test.ts'
import { until } from '../share/shared-memory.contract.ts'
import { type OtherIssuer, startOtherIssuer } from './other-issuer.fixture.ts'

describe('people of oidc-provider, found by discovery', { timeout: 60_000 }, () => {
  let issuer: OtherIssuer
  let gateway: GatewayUnderTest
  before(async () => {
    const port = await freePort()
    issuer = await startOtherIssuer(`http://127.0.0.1:${port}`)
    gateway = await startGateway({ tokensOf: issuer.url, port })
  })
  after(async () => {
    await gateway.close()
    issuer.close()
  })

  type Browser = ReturnType<typeof createBrowser>
  /** Follows redirects and fills in the issuer's forms, until the browser is back at that page of ours. */
  async function follow(browser: Browser, from: string, until: string): Promise<Response> {
    let url = from
    let answer = await browser.go(url)
    for (let steps = 0; steps < 20; steps += 1) {
      if (url.startsWith(`${gateway.url}${until}`)) return answer
      const location = answer.headers.get('location')
      if (location !== null) {
        url = new URL(location, url).href
        answer = await browser.go(url)
        continue
      }
      const html = await answer.text()
      const action = /<form[^>]* action="([^"]+)"/.exec(html)?.[1]
      assert.ok(action, `${answer.status} ${html}`)
      url = new URL(action, url).href
      answer = await browser.go(url, { method: 'POST', body: filledIn(html) })
    }
    return assert.fail(`not back after 20 steps, but at ${url}`)
  }

  test('one confirms a payment there, and its token says what', async () => {
    const browser = createBrowser()
    await signIn(browser)
    const details = [
      { type: 'micropay_payment', identifier: 'van-1', payee: 'ben:main', amount: '6000.00', currency: 'EUR' },
    ]
    const asked = new URLSearchParams({ details: JSON.stringify(details), returnTo: '/send' })
    const back = await follow(browser, `${gateway.url}/session/confirm?${asked}`, '/session/callback')
    assert.deepEqual([back.status, back.headers.get('location')], [303, '/send'], await back.text())
    const session = Session.parse(await (await browser.go(`${gateway.url}/session`)).json())
    const headers = { 'x-csrf-token': session.csrfToken, origin: gateway.url }
    await browser.go(`${gateway.url}/v1/payments`, { method: 'POST', headers })
    const verify = createTokenVerifier({ issuer: issuer.url, audience: 'micropay', clock: systemClock })
    const caller = await verify(gateway.seen.at(-1)?.headers.authorization?.toString())
    assert.deepEqual(caller.confirmed, details)
    assert.equal(caller.authentication?.acr, usualStepUp.acrValues[0])
    assert.ok(Math.abs((caller.authentication?.atMs ?? 0) - Date.now()) < 60_000)
  })

  async function signIn(browser: Browser) {
    const back = await follow(browser, `${gateway.url}/session/login?returnTo=/accounts`, '/session/callback')
    assert.deepEqual([back.status, back.headers.get('location')], [303, '/accounts'])
    const session = Session.parse(await (await browser.go(`${gateway.url}/session`)).json())
    return { session, headers: { 'x-csrf-token': session.csrfToken, origin: gateway.url } }
  }

  test('one signs in, pays, and signs out here and there', async () => {
    const browser = createBrowser()
    const { session, headers } = await signIn(browser)
    assert.equal(session.subject, 'ada')
    assert.deepEqual(session.scopes.sort(), ['accounts:read', 'payments:make'])
    const paid = await browser.go(`${gateway.url}/v1/payments`, { method: 'POST', headers })
    assert.equal(paid.status, 200)
    assert.match(String(gateway.seen.at(-1)?.headers.authorization), /^Bearer ey/)
    const out = await browser.go(`${gateway.url}/session/logout`, { method: 'POST', headers })
    assert.equal((await browser.go(`${gateway.url}/session`)).status, 401)
    const { endSessionUrl } = SignedOut.parse(await out.json())
    const page = await follow(browser, endSessionUrl, '/session/signed-out')
    assert.match(await page.text(), /You are signed out/)
    // It asks who one is again.
    const again = await browser.go(`${gateway.url}/session/login`)
    const asked = await browser.go(again.headers.get('location') ?? '')
    assert.match(asked.headers.get('location') ?? '', /\/interaction\//)
  })

  test('what ends there ends here, and a session of somebody else goes on', async () => {
    const [browser, other] = [createBrowser(), createBrowser()]
    await signIn(browser)
    await signIn(other)
    const back = new URLSearchParams({
      ...{ client_id: 'gateway', post_logout_redirect_uri: `${gateway.url}/session/signed-out`, state: 'none' },
    })
    // By the issuer's own page: nobody asked the gateway to sign out.
    await follow(browser, `${issuer.url}/session/end?${back}`, '/session/signed-out')
    await until(async () => (await browser.go(`${gateway.url}/session`)).status === 401)
    assert.equal((await other.go(`${gateway.url}/session`)).status, 200)
  })
})

/** As somebody would who agrees to all that is asked. */
function filledIn(html: string): URLSearchParams {
  const prompt = /name="prompt" value="([a-z]+)"/.exec(html)?.[1]
  if (prompt !== undefined) {
    return new URLSearchParams({ prompt, ...(prompt === 'login' ? { login: 'ada', password: 'any' } : {}) })
  }
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(html)?.[1]
  assert.ok(xsrf, html)
  return new URLSearchParams({ xsrf, logout: 'yes' })
}
