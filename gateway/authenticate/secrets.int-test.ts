import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { bearer, type GatewayUnderTest, signIn, startGateway } from '../gateway-under-test.ts'

const [old, fresh] = ['an old secret of at least 32 characters', 'a new secret of at least 32 characters']
let sessionSecrets = [old]
let clientSecrets = ['of the gateway']
let perSecond = 0
let shiftMs = 0
let gateway: GatewayUnderTest
before(async () => {
  gateway = await startGateway({
    clock: { ...systemClock, nowMs: () => Date.now() + shiftMs },
    sessionSecret: () => sessionSecrets,
    clientSecret: () => clientSecrets,
    rateLimitPerSecond: () => perSecond,
  })
})
after(() => gateway.close())

test('sessions go on while their secret is changed, and end with the one that sealed them', async () => {
  const { browser: before } = await signIn(gateway.url, 'ada')
  const statusOf = async (browser: typeof before) => (await browser.go(`${gateway.url}/session`)).status
  assert.equal(await statusOf(before), 200)
  sessionSecrets = [old, fresh]
  assert.equal(await statusOf(before), 200)
  sessionSecrets = [fresh, old]
  const { browser: meanwhile } = await signIn(gateway.url, 'ben')
  assert.deepEqual([await statusOf(before), await statusOf(meanwhile)], [200, 200])
  sessionSecrets = [fresh]
  assert.deepEqual([await statusOf(before), await statusOf(meanwhile)], [401, 200])
})

test('people sign in and stay while the issuer changes the secret of its client, in any order', async () => {
  for (const secrets of [
    ['of the gateway', 'the next one'],
    ['the next one', 'of the gateway'],
  ]) {
    clientSecrets = secrets
    const { browser, callback } = await signIn(gateway.url, 'ada')
    assert.equal(callback.status, 303)
    shiftMs += 14.5 * 60_000
    assert.equal((await browser.go(`${gateway.url}/session`)).status, 200)
  }
  clientSecrets = ['the next one']
  assert.equal((await signIn(gateway.url, 'ada')).callback.status, 400)
  clientSecrets = ['of the gateway']
})

test('another limit of requests holds from the next request on', async () => {
  const ask = async () => fetch(`${gateway.url}/v1/accounts`, { headers: await bearer(gateway.issuer.url, 'ada') })
  assert.equal((await ask()).headers.get('ratelimit-policy'), null)
  perSecond = 5
  assert.equal((await ask()).headers.get('ratelimit-policy'), '"default";q=5;w=1')
  perSecond = 7
  assert.equal((await ask()).headers.get('ratelimit-policy'), '"default";q=7;w=1')
})
