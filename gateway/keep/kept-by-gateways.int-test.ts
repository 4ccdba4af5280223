import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { type RedisServer, startRedisServer } from '@micropay/local/stores/redis-server'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openRedisMemory } from '../share/redis/redis-memory.ts'
import { until, untilReached } from '../share/shared-memory.contract.ts'
import { account, fresh, isNothing, started } from './read-service.fixture.ts'

describe('gateways that share a Redis', { timeout: 60_000 }, () => {
  const log = createLogger('test', 'silent')
  async function pair(context: TestContext) {
    const redis: RedisServer = await startRedisServer()
    context.after(() => redis.kill())
    const memoryOf = async () => {
      const memory = openRedisMemory({ url: redis.url, clock: systemClock, log })
      await untilReached(memory)
      return memory
    }
    const memory = await memoryOf()
    const first = await started(context, { memory })
    const second = await first.gateway.beside(await memoryOf())
    context.after(() => second.close())
    const readThere = () => fetch(`${second.url}${account}`, { headers: first.tokens.ada })
    return { ...first, redis, memory, second, readThere }
  }

  test('all know of a freeze before it is answered', async (context) => {
    const { behind, readThere, post } = await pair(context)
    // A memory that is found away for a moment has all forgotten.
    await until(async () => {
      behind.reads = 'answer'
      await fresh(await readThere())
      behind.reads = 503
      return (await readThere()).status === 200
    })
    await post('/v1/accounts/ada:main/freeze')
    await until(async () => (await readThere()).status === 503)
    behind.reads = 'answer'
    await fresh(await readThere())
    behind.reads = 503
    await isNothing(await readThere())
  })

  test('give nothing of what was kept while they cannot tell each other, nor of before', async (context) => {
    const { behind, read, redis, memory } = await pair(context)
    await fresh(await read())
    redis.pause()
    await until(() => memory.away() !== undefined)
    await fresh(await read())
    behind.reads = 503
    await isNothing(await read())
    redis.resume()
    await until(() => memory.away() === undefined)
    await isNothing(await read())
    await until(async () => {
      behind.reads = 'answer'
      await fresh(await read())
      behind.reads = 503
      return (await read()).status === 200
    })
  })

  test('one that could not be told of a freeze learns of it when it can', async (context) => {
    const { behind, post, redis, memory, readThere, second } = await pair(context)
    await fresh(await readThere())
    redis.pause()
    await until(() => memory.away() !== undefined)
    assert.equal((await post('/v1/accounts/ada:main/freeze')).status, 201)
    redis.resume()
    await until(() => memory.away() === undefined)
    await until(async () => {
      const ready = await fetch(`${second.url}/health/ready`)
      return !JSON.stringify(await ready.json()).includes('shared memory')
    })
    await until(async () => {
      behind.reads = 'answer'
      await fresh(await readThere())
      behind.reads = 503
      return (await readThere()).status === 503
    })
  })
})
