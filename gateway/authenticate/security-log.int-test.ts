import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { checkChain } from '@micropay/runtime/security-log/check-chain'
import { Session } from '@micropay/schemas/api/token'
import { bearer, type GatewayUnderTest, signIn, startGateway } from '../gateway-under-test.ts'

let gateway: GatewayUnderTest
before(async () => {
  gateway = await startGateway({ rateLimitPerSecond: 20 })
})
after(() => gateway.close())

type Line = Readonly<Record<string, unknown>>

/** The first line of which it holds: those are written soon after the answer. */
async function lineWith(isWanted: (line: Line) => boolean): Promise<Line> {
  while (true) {
    const found = (await lines()).map((line): Line => JSON.parse(line)).find(isWanted)
    if (found) return found
  }
}

async function lines(): Promise<readonly string[]> {
  return (await readFile(gateway.securityLogPath, 'utf8')).split('\n').slice(0, -1)
}

test('who signs in and out is noted, and who could not', async () => {
  const { browser, callbackUrl } = await signIn(gateway.url, 'ada')
  const signedIn = await lineWith(({ event }) => event === 'signed_in')
  assert.equal(signedIn.subject, 'customer:ada')
  assert.deepEqual([signedIn.route, signedIn.address], ['/session/callback', '127.0.0.1'])
  const { csrfToken } = Session.parse(await (await browser.go(`${gateway.url}/session`)).json())
  const headers = { 'x-csrf-token': csrfToken, origin: gateway.url, 'sec-fetch-site': 'same-origin' }
  await browser.go(`${gateway.url}/session/logout`, { method: 'POST', headers })
  assert.equal((await lineWith(({ event }) => event === 'signed_out')).subject, 'customer:ada')
  await fetch(callbackUrl)
  const failed = await lineWith(({ event }) => event === 'sign_in_failed')
  assert.match(String(failed.reason), /did not ask to sign in/)
})

test('a refusal is noted with who asked, where that is known, and for what; and with no token and no id', async () => {
  const unknown = await fetch(`${gateway.url}/v1/accounts/ada:main`, { headers: { authorization: 'Bearer eyJsecret' } })
  const refused = await lineWith(({ status }) => status === 401)
  assert.deepEqual(
    [refused.event, refused.subject, refused.method, refused.route, refused.problem],
    ['refused', undefined, 'GET', '/v1/accounts/:accountId', 'unauthenticated'],
  )
  assert.ok(unknown.headers.get('traceparent')?.includes(String(refused.traceId)))
  await fetch(`${gateway.url}/v1/trial-balance`, { headers: await bearer(gateway.issuer.url, 'ada') })
  const forbidden = await lineWith(({ status }) => status === 403)
  assert.deepEqual(
    [forbidden.subject, forbidden.client, forbidden.tenant, forbidden.problem],
    ['customer:ada', 'ada', 'main', 'forbidden'],
  )
  assert.doesNotMatch((await lines()).join(), /eyJ|ada:main/)
})

test('a limit that is hit is noted, and a page that asks who it is is not', async () => {
  const headers = await bearer(gateway.issuer.url, 'ben')
  await Promise.all(Array.from({ length: 60 }, () => fetch(`${gateway.url}/v1/accounts`, { headers })))
  assert.equal((await lineWith(({ event }) => event === 'limited')).subject, 'customer:ben')
  assert.equal((await fetch(`${gateway.url}/session`)).status, 401)
  await fetch(`${gateway.url}/v1/payments`)
  await lineWith(({ route }) => route === '/v1/payments')
  assert.doesNotMatch((await lines()).join(), /"route":"\/session"/)
})

test('all of it is one chain', async () => {
  async function* each() {
    yield* await lines()
  }
  assert.deepEqual((await checkChain(each())).faults, [])
})
