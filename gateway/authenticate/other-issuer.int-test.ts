import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { freePort } from '@micropay/local/stores/free-port'
import { Session } from '@micropay/schemas/api/token'
import { createBrowser, type GatewayUnderTest, startGateway } from '../gateway-under-test.ts'
import { type OtherIssuer, startOtherIssuer } from './other-issuer.fixture.ts'

describe('people of oidc-provider, found by discovery', { timeout: 60_000 }, () => {
  let issuer: OtherIssuer
  let gateway: GatewayUnderTest
  before(async () => {
    const port = await freePort()
    issuer = await startOtherIssuer([`http://127.0.0.1:${port}/session/callback`])
    gateway = await startGateway({ tokensOf: issuer.url, port })
  })
  after(async () => {
    await gateway.close()
    issuer.close()
  })

  /** Follows redirects and fills in the issuer's forms, until the browser is back. */
  async function signIn(browser: ReturnType<typeof createBrowser>, from: string): Promise<Response> {
    let url = from
    let answer = await browser.go(url)
    for (let steps = 0; steps < 20; steps += 1) {
      const location = answer.headers.get('location')
      if (location !== null) {
        url = new URL(location, url).href
        answer = await browser.go(url)
        if (url.startsWith(`${gateway.url}/session/callback`)) return answer
        continue
      }
      const html = await answer.text()
      const action = /<form[^>]* action="([^"]+)"/.exec(html)?.[1]
      const prompt = /name="prompt" value="([a-z]+)"/.exec(html)?.[1]
      assert.ok(action && prompt, `${answer.status} ${html}`)
      const filled = new URLSearchParams({ prompt, ...(prompt === 'login' ? { login: 'ada', password: 'any' } : {}) })
      url = new URL(action, url).href
      answer = await browser.go(url, { method: 'POST', body: filled })
    }
    return assert.fail(`not back after 20 steps, but at ${url}`)
  }

  test('one signs in, pays, and signs out', async () => {
    const browser = createBrowser()
    const back = await signIn(browser, `${gateway.url}/session/login?returnTo=/accounts`)
    assert.deepEqual([back.status, back.headers.get('location')], [303, '/accounts'])
    const session = Session.parse(await (await browser.go(`${gateway.url}/session`)).json())
    assert.equal(session.subject, 'ada')
    assert.deepEqual(session.scopes.sort(), ['accounts:read', 'payments:make'])
    const headers = { 'x-csrf-token': session.csrfToken, origin: gateway.url }
    const paid = await browser.go(`${gateway.url}/v1/payments`, { method: 'POST', headers })
    assert.equal(paid.status, 200)
    assert.match(String(gateway.seen.at(-1)?.headers.authorization), /^Bearer ey/)
    assert.equal((await browser.go(`${gateway.url}/session/logout`, { method: 'POST', headers })).status, 204)
    assert.equal((await browser.go(`${gateway.url}/session`)).status, 401)
  })
})
