import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { usualStepUp } from '@micropay/runtime/step-up'
import { Session } from '@micropay/schemas/api/token'
import { decodeJwt } from 'jose'
import { type GatewayUnderTest, signIn, startGateway } from '../gateway-under-test.ts'

const detail = { type: 'micropay_payment', identifier: 'van-1', payee: 'ben:main', amount: '6000.00', currency: 'EUR' }
const confirmPath = (details: unknown, more: Record<string, string> = {}) =>
  `/session/confirm?${new URLSearchParams({ details: JSON.stringify(details), returnTo: '/send', ...more })}`

type Browser = Awaited<ReturnType<typeof signIn>>['browser']

describe('a browser whose person confirms a payment at the issuer', { timeout: 60_000 }, () => {
  let gateway: GatewayUnderTest
  before(async () => {
    gateway = await startGateway()
  })
  after(() => gateway.close())

  /** Goes to the issuer and presses a button there; answers where that leads. */
  async function press(browser: Browser, button: Record<string, string>, details: unknown = [detail]) {
    const start = await browser.go(`${gateway.url}${confirmPath(details)}`)
    assert.equal(start.status, 303, await start.clone().text())
    const issuerUrl = start.headers.get('location') ?? ''
    const page = await (await fetch(issuerUrl)).text()
    const pressed = await fetch(issuerUrl, { method: 'POST', body: new URLSearchParams(button), redirect: 'manual' })
    return { asked: new URL(issuerUrl).searchParams, page, callbackUrl: pressed.headers.get('location') ?? '' }
  }
  /** The line of the security log with that in it, which is written soon after the answer. */
  async function noteOf(text: string): Promise<string> {
    while (true) {
      const lines = (await readFile(gateway.securityLogPath, 'utf8')).split('\n')
      const found = lines.find((line) => line.includes(text))
      if (found !== undefined) return found
    }
  }
  const sessionOf = async (browser: Browser) => Session.parse(await (await browser.go(`${gateway.url}/session`)).json())

  /** What the token says that its payment goes to the services with. */
  async function claimsSent(browser: Browser, { csrfToken }: Session) {
    const headers = { 'x-csrf-token': csrfToken, origin: gateway.url, 'idempotency-key': 'van-1' }
    const paid = await browser.go(`${gateway.url}/v1/payments`, { method: 'POST', headers })
    assert.equal(paid.status, 200)
    return decodeJwt(String(gateway.seen.at(-1)?.headers.authorization).slice('Bearer '.length))
  }

  test('sees payee and amount there, and comes back in its session, with a token of what was confirmed', async () => {
    const { browser } = await signIn(gateway.url, 'ada')
    const before = await sessionOf(browser)
    assert.equal((await claimsSent(browser, before)).authorization_details, undefined)
    const { asked, page, callbackUrl } = await press(browser, { persona: 'ada' })
    assert.deepEqual(
      ['acr_values', 'max_age', 'login_hint'].map((name) => asked.get(name)),
      [usualStepUp.acrValues[0], '0', 'customer:ada'],
    )
    for (const shown of ['6000.00 EUR', 'ben:main', 'Confirm as Ada Lovelace']) assert.ok(page.includes(shown), shown)
    assert.ok(!page.includes('Ben Franklin'), 'nobody else is asked')
    const back = await browser.go(callbackUrl)
    assert.deepEqual([back.status, back.headers.get('location')], [303, '/send'])
    const now = await sessionOf(browser)
    assert.deepEqual(now, before)
    const { acr, auth_time, authorization_details } = await claimsSent(browser, now)
    assert.deepEqual([acr, authorization_details], [usualStepUp.acrValues[0], [detail]])
    assert.ok(Math.abs(Number(auth_time) - Date.now() / 1000) < 60)
  })

  test('goes on as before when they say no', async () => {
    const { browser } = await signIn(gateway.url, 'ada')
    const { callbackUrl } = await press(browser, { answer: 'no' })
    const back = await browser.go(callbackUrl)
    assert.deepEqual([back.status, back.headers.get('location')], [303, '/send'])
    assert.equal((await claimsSent(browser, await sessionOf(browser))).acr, undefined)
    const noted = await noteOf('access_denied')
    assert.match(noted, /"event":"confirmation_failed"/)
  })

  test('gets nothing from what somebody else confirms', async () => {
    const { browser } = await signIn(gateway.url, 'ada')
    const { callbackUrl } = await press(browser, { persona: 'ben' })
    const back = await browser.go(callbackUrl)
    assert.equal(back.status, 400)
    assert.match(await back.text(), /The payment was not confirmed.*for someone else.*Back to the payment/s)
    assert.equal((await sessionOf(browser)).subject, 'customer:ada')
    assert.equal((await claimsSent(browser, await sessionOf(browser))).acr, undefined)
  })

  test('gets nothing from what was confirmed for a session that is not in the browser any more', async () => {
    const { browser } = await signIn(gateway.url, 'ada')
    const { callbackUrl } = await press(browser, { persona: 'ada' })
    const another = await signIn(gateway.url, 'ada')
    for (const name of ['micropay', 'micropay-used']) browser.cookies.set(name, another.browser.cookies.get(name) ?? '')
    const back = await browser.go(callbackUrl)
    assert.equal(back.status, 400)
    assert.match(await back.text(), /somebody else has signed in/)
  })

  test('is sent to sign in first where nobody is signed in', async () => {
    const answer = await fetch(`${gateway.url}${confirmPath([detail])}`, { redirect: 'manual' })
    assert.deepEqual([answer.status, answer.headers.get('location')], [303, '/session/login?returnTo=%2Fsend'])
  })

  test('asks the issuer for nothing that another site asks for, or that cannot be shown', async () => {
    const { browser } = await signIn(gateway.url, 'ada')
    const cross = { headers: { 'sec-fetch-site': 'cross-site' } }
    assert.equal((await browser.go(`${gateway.url}${confirmPath([detail])}`, cross)).status, 400)
    for (const [title, details] of [
      ['none', []],
      ['more than a page shows', Array(21).fill(detail)],
      ['of another type', [{ ...detail, type: 'account_information' }]],
      ['a payee that is a sentence', [{ ...detail, payee: 'ben:main, and nobody else' }]],
      ['an amount that is a number', [{ ...detail, amount: 6000 }]],
      ['no list', detail],
    ] as const) {
      const answer = await browser.go(`${gateway.url}${confirmPath(details)}`)
      assert.equal(answer.status, 400, title)
      assert.match(await answer.text(), /cannot be read/, title)
    }
    assert.equal((await browser.go(`${gateway.url}/session/confirm?details=%7B`)).status, 400)
  })

  test('comes back to this site alone', async () => {
    const { browser } = await signIn(gateway.url, 'ada')
    const url = `${gateway.url}${confirmPath([detail], { returnTo: 'https://evil.example/' })}`
    const issuerUrl = (await browser.go(url)).headers.get('location') ?? ''
    const body = new URLSearchParams({ persona: 'ada' })
    const pressed = await fetch(issuerUrl, { method: 'POST', body, redirect: 'manual' })
    assert.equal((await browser.go(pressed.headers.get('location') ?? '')).headers.get('location'), '/')
  })
})
