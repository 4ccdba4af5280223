import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import { type RedisServer, startRedisServer } from '@micropay/local/stores/redis-server'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openTcpProxy } from '@micropay/runtime/tcp-proxy.fixture'
import { Redis } from 'ioredis'
import { assertAway, describeSharedMemory, until, untilReached } from '../shared-memory.contract.ts'
import type { SharedMemory } from '../shared-memory.ts'
import { openRedisMemory } from './redis-memory.ts'

const silent = createLogger('test', 'silent')
const open = (url: string, log = silent) => openRedisMemory({ url, clock: systemClock, log })
let server: RedisServer

describe('Redis', () => {
  before(async () => {
    server = await startRedisServer()
  })
  after(() => server.stop())
  describeSharedMemory('Redis', () => open(server.url))

  test('a clock that was set back by an hour lets in who had something left', async (context) => {
    const [memory, redis] = [open(server.url), new Redis(server.url)]
    context.after(() => Promise.all([memory.close(), redis.quit()]))
    await untilReached(memory)
    const budget = { perSecond: 0.01, most: 3 }
    await memory.take('clock', budget)
    const [key = assert.fail()] = await redis.keys('micropay:*clock')
    const inAnHour = (await redis.get(key))?.split(' ').map((ms) => Number(ms) + 3_600_000)
    await redis.set(key, inAnHour?.join(' ') ?? assert.fail())
    const taken = [await memory.take('clock', budget), await memory.take('clock', budget)]
    const { allowed, retryAfterMs } = await memory.take('clock', budget)
    assert.deepEqual([...taken.map(({ remaining }) => remaining), allowed], [1, 0, false])
    assert.ok(retryAfterMs <= 100_000)
  })

  test('a budget that a gateway of before has left there is read', async (context) => {
    const [memory, redis] = [open(server.url), new Redis(server.url)]
    context.after(() => Promise.all([memory.close(), redis.quit()]))
    await untilReached(memory)
    const budget = { perSecond: 0.01, most: 3 }
    await memory.take('before', budget)
    const [key = assert.fail()] = await redis.keys('micropay:*before')
    await redis.set(key, (await redis.get(key))?.split(' ')[0] ?? assert.fail())
    assert.equal((await memory.take('before', budget)).remaining, 1)
  })
})

describe('a shared memory that is away', { timeout: 60_000 }, () => {
  const started = async (context: TestContext, options = {}): Promise<RedisServer> => {
    const own = await startRedisServer(options)
    context.after(() => own.kill())
    return own
  }
  const opened = async (context: TestContext, url: string): Promise<SharedMemory> => {
    const memory = open(url)
    context.after(() => memory.close())
    await untilReached(memory)
    return memory
  }

  test('says so while its server stands still, and hears again when it goes on', async (context) => {
    const own = await started(context)
    const memory = await opened(context, own.url)
    const heard: string[] = []
    memory.subscribe('channel', (text) => heard.push(text))
    own.pause()
    await assertAway(memory)
    // Nobody waits for it a second time.
    await assertAway(memory)
    own.resume()
    await until(() => memory.away() === undefined)
    await until(async () => {
      await memory.publish('channel', 'again')
      return heard.includes('again')
    })
  })

  test('is found to be away although nobody asks it, and tells who wants to know of each return', async (context) => {
    const own = await started(context)
    const memory = await opened(context, own.url)
    let reached = 0
    memory.onReach(() => {
      reached += 1
    })
    await own.kill()
    await until(() => memory.away() !== undefined)
    await assertAway(memory)
    const again = await started(context, { port: own.port })
    await until(() => memory.away() === undefined)
    assert.equal(reached, 2)
    assert.equal(await memory.add('set', new Map([['one', systemClock.nowMs() + 60_000]])), 1)
    again.pause()
    await until(() => memory.away() !== undefined)
  })

  test('with a connection that swallows what is said it is away, and comes back on a new one', async (context) => {
    const own = await started(context)
    const proxy = await openTcpProxy({ host: '127.0.0.1', port: own.port })
    context.after(() => proxy.close())
    const memory = await opened(context, proxy.through(own.url))
    proxy.set('hold')
    await until(() => memory.away() !== undefined)
    proxy.set('pass')
    await until(() => memory.away() === undefined)
  })

  test('a server that takes no writes is away, until it does', async (context) => {
    const own = await started(context)
    const memory = await opened(context, own.url)
    const operator = new Redis(own.url)
    context.after(() => operator.disconnect())
    await operator.config('SET', 'maxmemory', '1')
    await until(() => memory.away()?.reason.startsWith('OOM') === true)
    await assertAway(memory)
    await operator.config('SET', 'maxmemory', '0')
    await until(() => memory.away() === undefined)
  })

  test('a refused password is told without it', async (context) => {
    const own = await started(context)
    const operator = new Redis(own.url)
    await operator.config('SET', 'requirepass', 'the right one')
    operator.disconnect()
    const lines: string[] = []
    const log = createLogger('test', 'debug', { write: (line) => void lines.push(line) })
    const memory = open(own.url.replace('//', '//:wrong-secret@'), log)
    context.after(() => memory.close())
    await until(() => memory.away()?.reason.startsWith('WRONGPASS') === true)
    await assertAway(memory)
    const told = JSON.stringify([memory.away(), await memory.among('a', ['b']).catch((error: unknown) => error), lines])
    assert.doesNotMatch(told, /wrong-secret/)
  })

  test('closing ends what waits', async (context) => {
    const own = await started(context)
    const memory = await opened(context, own.url)
    own.pause()
    const asked = assert.rejects(memory.among('set', ['member']))
    await memory.close()
    await asked
    await assertAway(memory)
  })
})
