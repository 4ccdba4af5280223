import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type RedisServer, startRedisServer } from '@micropay/local/stores/redis-server'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { createTokenVerifier } from '@micropay/runtime/verify-token'
import { Redis } from 'ioredis'
import { bearer, problemCode, startGateway } from '../gateway-under-test.ts'
import { openInProcessMemory } from '../share/in-process/in-process-memory.ts'
import { openRedisMemory } from '../share/redis/redis-memory.ts'
import { until, untilReached } from '../share/shared-memory.contract.ts'
import type { SharedMemory } from '../share/shared-memory.ts'
import { createSharedTake, type Take } from './take.ts'

test('a caller may ask as often as the limit is, and each caller for itself', async () => {
  const take = takeOf(openInProcessMemory(systemClock), 2)
  const verdicts = [await take('ada'), await take('ada'), await take('ada'), await take('ben')]
  assert.deepEqual(
    verdicts.map(({ allowed, remaining, resetSeconds }) => [allowed, remaining, Math.ceil(resetSeconds / 100)]),
    [
      [true, 1, 10],
      [true, 0, 20],
      [false, 0, 10],
      [true, 1, 10],
    ],
  )
})

test('what something cost beyond one is owed, and nothing is allowed until it has come in', async () => {
  const take = takeOf(openInProcessMemory(systemClock), 5)
  await take('ada')
  const { resetSeconds } = await take('ada', 1_000)
  assert.equal(Math.ceil(resetSeconds / 1000), 1001)
  assert.deepEqual([(await take('ada')).allowed, (await take('ben')).allowed], [false, true])
})

describe('with Redis', { timeout: 60_000 }, () => {
  let redis: RedisServer
  const memories: SharedMemory[] = []
  const memoryOf = async () => {
    const memory = openRedisMemory({ url: redis.url, clock: systemClock, log: createLogger('test', 'silent') })
    memories.push(memory)
    await untilReached(memory)
    return memory
  }
  before(async () => {
    redis = await startRedisServer()
  })
  after(async () => {
    for (const memory of memories) await memory.close()
    await redis.kill()
  })

  test('gateways count together, while it is away each its own, and together again when it is back', async () => {
    const [one, other] = [await memoryOf(), await memoryOf()]
    const [first, second] = [takeOf(one, 3), takeOf(other, 3)]
    const allowed = async (...takes: Take[]) => {
      const verdicts: boolean[] = []
      for (const take of takes) verdicts.push((await take('ada')).allowed)
      return verdicts
    }
    assert.deepEqual(await allowed(first, second, first, first, second), [true, true, true, false, false])
    redis.pause()
    await until(() => one.away() !== undefined && other.away() !== undefined)
    assert.deepEqual(await allowed(first, first, first, first), [true, true, true, false])
    assert.deepEqual(await allowed(second, second, second, second), [true, true, true, false])
    redis.resume()
    await until(() => one.away() === undefined && other.away() === undefined)
    const [verdict] = [await first('ben'), await second('ben'), await first('ben')].slice(-1)
    assert.deepEqual([verdict?.allowed, verdict?.remaining], [true, 0])
    assert.deepEqual(await second('ben').then((last) => last.allowed), false)
  })

  test('the usual request asks nobody, nor does one that is refused, and nobody has more for that', async (context) => {
    const operator = new Redis(redis.url)
    context.after(() => operator.disconnect())
    const asked = async (work: () => Promise<unknown>) => {
      await operator.config('RESETSTAT')
      await work()
      const [, calls] = /cmdstat_evalsha:calls=(\d+)/.exec(await operator.info('commandstats')) ?? []
      return Number(calls ?? 0)
    }
    const gateways = [takeOf(await memoryOf(), 2_000), takeOf(await memoryOf(), 2_000)]
    const taken: boolean[] = []
    const take = async (key: string) => {
      for (const gateway of gateways) taken.push((await gateway(key)).allowed)
    }
    const inTurn = async () => {
      for (let at = 0; at < 400; at += 1) await take('ada')
    }
    // A portion is twenty: a machine that is slow asks once more each second.
    const some = await asked(inTurn)
    assert.ok(some >= 40 && some < 120, `${some} round trips for 800 requests`)
    assert.ok(taken.every(Boolean))
    const atOnce = await asked(() => Promise.all(Array.from({ length: 600 }, () => take('ada'))))
    assert.ok(atOnce < 60, `${atOnce} round trips for 1200 requests at once`)
    await inTurn()
    const refused = await asked(inTurn)
    assert.ok(refused < 120, `${refused} round trips for 800 refusals`)
    assert.equal(taken.at(-1), false)
    const letIn = taken.filter(Boolean).length
    assert.ok(letIn <= 2_000 && letIn >= 1_960, `${letIn} let in by 2,000`)
  })

  test('whoever spent too much is refused at every gateway, and none is for Redis being away', async (context) => {
    const memory = await memoryOf()
    const first = await startGateway({ rateLimitPerSecond: 1, memory: await memoryOf() })
    context.after(() => first.close())
    const second = await first.beside(await memoryOf())
    context.after(() => second.close())
    const headers = await bearer(first.issuer.url, 'ada')
    const verifyToken = createTokenVerifier({ issuer: first.issuer.url, audience: 'micropay', clock: systemClock })
    const { tenant, client, subject } = await verifyToken(headers.authorization)
    await memory.owe(`caller:${JSON.stringify([tenant, client, subject])}`, 600, { perSecond: 1, most: 1 })
    for (const { url } of [first, second]) {
      const answer = await fetch(`${url}/v1/accounts`, { headers })
      assert.equal(Math.ceil(Number(answer.headers.get('retry-after')) / 100), 6)
      assert.equal(await problemCode(answer), 'rate_limited')
    }
    await redis.kill()
    await until(() => memories.every((one) => one.away() !== undefined))
    for (const { url } of [first, second]) assert.equal((await fetch(`${url}/v1/accounts`, { headers })).status, 200)
  })
})

const { monotonicMs } = systemClock

/** So slow that nothing comes in during a test. */
function takeOf(memory: SharedMemory, most: number): Take {
  return createSharedTake({ memory, name: 'test', budget: () => ({ perSecond: 0.001, most }), monotonicMs })
}
