import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, type TestContext, test } from 'node:test'
import { type RedisServer, startRedisServer } from '@micropay/local/stores/redis-server'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { nowSeconds } from '@micropay/runtime/test-issuer.fixture'
import { type createBrowser, type GatewayUnderTest, problemCode, signIn, startGateway } from '../gateway-under-test.ts'
import { openRedisMemory } from '../share/redis/redis-memory.ts'
import { until, untilReached } from '../share/shared-memory.contract.ts'
import { addLastingAnswers, beginReading, lasting } from './lasting-answers.fixture.ts'
import { logoutTokensOf, type SignLogout, sendLogout, sessionIn } from './logout-token.fixture.ts'

const log = createLogger('test', 'silent')
type Browser = ReturnType<typeof createBrowser>

describe('what the issuer ends', { timeout: 60_000 }, () => {
  let redis: RedisServer
  let first: GatewayUnderTest
  let second: { url: string; close(): Promise<void> }
  let sign: SignLogout

  const memoryOf = async () => {
    const memory = openRedisMemory({ url: redis.url, clock: systemClock, log })
    await untilReached(memory)
    return memory
  }
  before(async () => {
    redis = await startRedisServer()
    first = await startGateway({ memory: await memoryOf() }, addLastingAnswers)
    second = await first.beside(await memoryOf())
    sign = await logoutTokensOf(first)
  })
  after(async () => {
    await second.close()
    await first.close()
    await redis.kill()
  })

  const signedIn = async (persona: 'ada' | 'ben' = 'ada') => (await signIn(first.url, persona)).browser
  const sidOf = async (browser: Browser) => (await sessionIn(browser)).atIssuer?.sid
  /** Soon; what is under way when it is found to be over is broken off. */
  const isOverAt = (url: string, browser: Browser) => {
    const isOver = async () => (await browser.go(`${url}/v1/accounts`)).status === 401
    return until(() => isOver().catch(() => false))
  }
  const statuses = (browser: Browser) =>
    Promise.all([first, second].map(async ({ url }) => (await browser.go(`${url}/v1/accounts`)).status))

  test('a session is over at every gateway, and at one that starts later, and no other one is', async (context) => {
    const [ends, goesOn] = [await signedIn(), await signedIn()]
    assert.notEqual(await sidOf(ends), await sidOf(goesOn))
    const token = await sign(await sidOf(ends), { claims: { sub: 'customer:ada' } })
    assert.equal((await sendLogout(first.url, token)).status, 200)
    const third = await first.beside(await memoryOf())
    context.after(() => third.close())
    assert.deepEqual(await statuses(ends), [401, 401])
    await isOverAt(third.url, ends)
    assert.deepEqual(await statuses(goesOn), [200, 200])
    assert.equal(await problemCode(await sendLogout(second.url, token)), 'logout_token_invalid', 'used at another one')
  })

  test('all sessions of a person are over, and one that begins afterwards is not', async () => {
    const [one, other, ben] = [await signedIn(), await signedIn(), await signedIn('ben')]
    const all = { claims: { sub: 'customer:ada' } }
    assert.equal((await sendLogout(first.url, await sign(undefined, all))).status, 200)
    assert.deepEqual(
      [await statuses(one), await statuses(other)],
      [
        [401, 401],
        [401, 401],
      ],
    )
    assert.deepEqual(await statuses(ben), [200, 200])
    await nextSecond()
    assert.deepEqual(await statuses(await signedIn()), [200, 200])
  })

  for (const path of lasting) {
    test(`what is open of a session is broken off at every gateway: ${path}`, async (context: TestContext) => {
      const [ends, goesOn] = [await signedIn(), await signedIn('ben')]
      const url = `${second.url}${path}`
      const [ended, other] = [await beginReading(context, ends, url), await beginReading(context, goesOn, url)]
      assert.equal((await sendLogout(first.url, await sign(await sidOf(ends)))).status, 200)
      await until(() => ended() === 'broken off')
      assert.equal(other(), 'open')
      // Times of tokens may have fractions of a second.
      const all = await sign(undefined, { claims: { sub: 'customer:ben', iat: nowSeconds() + 0.0625 } })
      assert.equal((await sendLogout(first.url, all)).status, 200)
      await until(() => other() === 'broken off')
      await nextSecond()
    })
  }

  test('a token that names no type is taken', async () => {
    const browser = await signedIn('ben')
    const token = await sign(await sidOf(browser), { header: { typ: undefined } })
    assert.equal((await sendLogout(second.url, token)).status, 200)
    assert.deepEqual(await statuses(browser), [401, 401])
  })

  test('it stands in the security log, with the person where the issuer named them', async () => {
    const browser = await signedIn()
    await sendLogout(first.url, await sign(await sidOf(browser), { claims: { sub: 'customer:ada' } }))
    const line = /"subject":"customer:ada",.*"event":"signed_out_by_issuer","reason":"one session"/
    await until(async () => line.test(await readFile(first.securityLogPath, 'utf8')))
  })

  test('while Redis is away it is told that one gateway knows, and holds there, and later everywhere', async () => {
    const browser = await signedIn()
    const token = await sign(await sidOf(browser))
    await redis.kill()
    const answer = await sendLogout(first.url, token)
    assert.equal(answer.status, 400)
    assert.equal(await problemCode(answer), 'logout_failed')
    assert.equal((await browser.go(`${first.url}/v1/accounts`)).status, 401)
    redis = await startRedisServer({ port: redis.port })
    await isOverAt(second.url, browser)
  })
})

/** The issuer counts in seconds: whoever signs in within that of their logout is asked again. */
async function nextSecond(): Promise<void> {
  const second = nowSeconds()
  await until(() => nowSeconds() > second)
}

test('tokens are taken from one address as often as anything that needs none', { timeout: 60_000 }, async (context) => {
  const gateway = await startGateway({ addressLimitPerSecond: 3 })
  context.after(() => gateway.close())
  const answers = await Promise.all(Array.from({ length: 12 }, () => sendLogout(gateway.url, 'x')))
  const limited = answers.filter(({ status }) => status === 429)
  assert.ok(limited.length > 0)
  assert.ok(answers.every(({ status }) => status === 400 || status === 429))
  assert.ok(limited.every(({ headers }) => headers.has('retry-after')))
})
