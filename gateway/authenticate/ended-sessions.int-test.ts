import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import { type RedisServer, startRedisServer } from '@micropay/local/stores/redis-server'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { Session } from '@micropay/schemas/api/token'
import { z } from 'zod'
import { createBrowser, type GatewayUnderTest, signIn, startGateway } from '../gateway-under-test.ts'
import { openRedisMemory } from '../share/redis/redis-memory.ts'
import { until, untilReached } from '../share/shared-memory.contract.ts'
import { addLastingAnswers, beginReading, lasting } from './lasting-answers.fixture.ts'

const log = createLogger('test', 'silent')
const Readiness = z.object({ status: z.string(), trouble: z.string().optional() })

describe('a session that is ended', { timeout: 60_000 }, () => {
  let redis: RedisServer
  let first: GatewayUnderTest
  let second: { url: string; close(): Promise<void> }

  const memoryOf = async () => {
    const memory = openRedisMemory({ url: redis.url, clock: systemClock, log })
    await untilReached(memory)
    return memory
  }
  before(async () => {
    redis = await startRedisServer()
    first = await startGateway({ memory: await memoryOf() }, addLastingAnswers)
    second = await first.beside(await memoryOf())
  })
  after(async () => {
    await second.close()
    await first.close()
    await redis.kill()
  })

  /** Ada's browser, with a copy of its cookies as somebody else would have them. */
  async function signedIn() {
    const { browser } = await signIn(first.url, 'ada')
    const { csrfToken } = Session.parse(await (await browser.go(`${first.url}/session`)).json())
    const copy = createBrowser()
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value)
    const headers = { 'x-csrf-token': csrfToken, origin: first.url, 'sec-fetch-site': 'same-origin' }
    const signOut = () => browser.go(`${first.url}/session/logout`, { method: 'POST', headers })
    const pay = (url: string) => copy.go(`${url}/v1/payments`, { method: 'POST', headers, body: '{}' })
    return { copy, signOut, pay }
  }
  const begin = (context: TestContext, browser: ReturnType<typeof createBrowser>, path: string) =>
    beginReading(context, browser, `${second.url}${path}`)

  test('is over at every gateway at once, and at one that starts later', async (context) => {
    const { copy, signOut, pay } = await signedIn()
    assert.deepEqual([(await copy.go(`${second.url}/v1/accounts`)).status, (await pay(second.url)).status], [200, 200])
    assert.equal((await signOut()).status, 200)
    const third = await first.beside(await memoryOf())
    context.after(() => third.close())
    for (const { url } of [first, second, third]) {
      assert.deepEqual([(await copy.go(`${url}/v1/accounts`)).status, (await pay(url)).status], [401, 401])
    }
  })

  for (const path of lasting) {
    test(`breaks off what it has open at another gateway: ${path}`, async (context) => {
      const [ends, goesOn] = [await signedIn(), await signedIn()]
      const [ended, other] = [await begin(context, ends.copy, path), await begin(context, goesOn.copy, path)]
      await ends.signOut()
      await until(() => ended() === 'broken off')
      assert.equal(other(), 'open')
    })
  }

  test('while Redis is away is over where it was ended, and everywhere when Redis is back', async (context) => {
    const [before, meanwhile, goesOn] = [await signedIn(), await signedIn(), await signedIn()]
    await before.signOut()
    const open = await begin(context, meanwhile.copy, '/v1/account-events')
    await redis.kill()
    assert.equal((await meanwhile.signOut()).status, 200)
    const statusAt = async (url: string, { copy }: typeof before) => (await copy.go(`${url}/v1/accounts`)).status
    assert.deepEqual([await statusAt(first.url, before), await statusAt(second.url, before)], [401, 401])
    assert.deepEqual([await statusAt(first.url, meanwhile), await statusAt(second.url, meanwhile)], [401, 200])
    assert.equal(await statusAt(second.url, goesOn), 200)
    for (const { url } of [first, second]) {
      const said = Readiness.parse(await (await fetch(`${url}/health/ready`)).json())
      assert.equal(said.status, 'ready')
      assert.match(said.trouble ?? '', /^the shared memory is away since 20/)
    }
    // It comes back without what it knew, which all that were there still know.
    redis = await startRedisServer({ port: redis.port })
    const third = await first.beside(await memoryOf())
    context.after(() => third.close())
    // What is under way when a session is found to be over is broken off.
    const isOver = (url: string, session: typeof before) =>
      until(() =>
        statusAt(url, session).then(
          (status) => status === 401,
          () => false,
        ),
      )
    await isOver(second.url, meanwhile)
    await until(() => open() === 'broken off')
    for (const session of [before, meanwhile]) await isOver(third.url, session)
    assert.equal(await statusAt(third.url, goesOn), 200)
    const said = Readiness.parse(await (await fetch(`${first.url}/health/ready`)).json())
    assert.equal(said.trouble, undefined)
  })

  test('and one that goes on is answered while Redis stands still', async () => {
    const { copy, pay } = await signedIn()
    redis.pause()
    const statuses = await Promise.all([copy.go(`${second.url}/v1/accounts`), pay(second.url), pay(first.url)])
    redis.resume()
    assert.deepEqual(
      statuses.map(({ status }) => status),
      [200, 200, 200],
    )
  })
})
