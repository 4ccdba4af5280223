import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { type RedisServer, startRedisServer } from '@micropay/local/stores/redis-server'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { Session } from '@micropay/schemas/api/token'
import type { FastifyInstance } from 'fastify'
import { bearer, problemCode, type Settings, signIn, startGateway } from '../gateway-under-test.ts'
import { openRedisMemory } from '../share/redis/redis-memory.ts'
import { until, untilReached } from '../share/shared-memory.contract.ts'

/** What the service behind does: its answers reflect `position`, while it is there. */
type Behind = { reads: 'answer' | 'break off' | number; freezes: string; position: string; balance: string }

const account = '/v1/accounts/ada:main'
const fresh = async (answer: Response) => {
  assert.deepEqual([answer.status, answer.headers.get('cache-status')], [200, null])
  return answer.json()
}
const kept = async (answer: Response) => {
  assert.deepEqual([answer.status, answer.headers.get('stale')], [200, 'true'])
  assert.match(answer.headers.get('cache-status') ?? '', /^micropay; hit; detail=[a-z0-9_]+$/)
  return answer.json()
}
const isNothing = async (answer: Response) => {
  assert.match(await problemCode(answer), /^upstream_(unavailable|away)$|^projection_behind$/)
}

async function started(context: TestContext, settings: Settings = {}) {
  const behind: Behind = { reads: 'answer', freezes: '201 0:9', position: '0:7', balance: '100' }
  const addRoutes = (service: FastifyInstance) => {
    service.addHook('onRequest', async (request, reply) => {
      if (request.method !== 'GET' || !request.url.startsWith('/v1/')) return
      if (behind.reads === 'break off') request.raw.destroy()
      else if (behind.reads === 'answer') reply.headers({ position: behind.position, age: '2', behind: '1.5' })
      else reply.code(behind.reads).type('application/problem+json')
      if (typeof behind.reads === 'number') {
        return reply.send({
          code: behind.reads === 503 ? 'projection_behind' : 'not_found',
          status: behind.reads,
          detail: '',
        })
      }
    })
    service.get('/v1/accounts/:accountId', async () => ({ balance: behind.balance }))
    service.get('/v1/accounts/:accountId/entries', async () => ({ text: 'x'.repeat(70_000) }))
    for (const path of ['/v1/accounts/:accountId/freeze', '/v1/approvals/:proposalId/approve']) {
      service.post(path, (request, reply) => {
        const [code = '', position] = behind.freezes.split(' ')
        if (code === 'break-off') return request.raw.destroy()
        if (position !== undefined) reply.header('position', position)
        const outcome = code === '409' ? 'pending' : 'refused'
        return reply.code(Number(code)).send(Number(code) < 300 ? {} : { code: 'account_frozen', outcome })
      })
    }
  }
  const gateway = await startGateway(settings, addRoutes)
  context.after(() => gateway.close())
  const tokens = { ada: await bearer(gateway.issuer.url, 'ada'), ben: await bearer(gateway.issuer.url, 'ben') }
  const staff = await bearer(gateway.issuer.url, 'olga')
  const read = (path = account, headers: Record<string, string> = tokens.ada) =>
    fetch(`${gateway.url}${path}`, { headers })
  const post = (path: string, url = gateway.url) =>
    fetch(`${url}${path}`, { method: 'POST', headers: { ...staff, 'idempotency-key': 'key' }, body: '{}' })
  return { gateway, behind, read, post, tokens, staff }
}

describe('while a read service is away', { timeout: 60_000 }, () => {
  test('a caller is told what the same caller was told before, and how old that is', async (context) => {
    const { behind, read, tokens, gateway } = await started(context)
    assert.deepEqual(await fresh(await read()), { balance: '100' })
    await fresh(await read(account, tokens.ben))
    behind.balance = '90'
    await fresh(await read())
    behind.reads = 'break off'
    const answer = await read()
    const { headers } = answer
    assert.deepEqual(await kept(answer), { balance: '90' })
    assert.deepEqual(
      ['position', 'cache-control', 'vary'].map((name) => headers.get(name)),
      ['0:7', 'private, no-store', 'Authorization, Cookie'],
    )
    assert.ok(Number(headers.get('age')) >= 3 && Number(headers.get('behind')) >= 1.5, 'it was 1.5 s old when it came')
    assert.deepEqual(await kept(await read(account, tokens.ben)), { balance: '100' })
    for (const path of [`${account}?zone=UTC`, '/v1/accounts/ada:other']) await isNothing(await read(path))
    const machine = await bearer(gateway.issuer.url, 'cli')
    await isNothing(await read(account, machine))
    behind.reads = 'answer'
    await until(async () => (await read()).headers.get('cache-status') === null)
  })

  test('a 503 of its own counts as away, and a refusal takes the place of what was told before', async (context) => {
    const { behind, read } = await started(context)
    await fresh(await read())
    behind.reads = 503
    assert.equal((await read()).headers.get('cache-status'), 'micropay; hit; detail=answered_503')
    for (const refusal of [403, 404]) {
      behind.reads = 'answer'
      await fresh(await read())
      behind.reads = refusal
      assert.equal((await read()).status, refusal)
      behind.reads = 503
      await isNothing(await read())
    }
    behind.reads = 'answer'
    await fresh(await read())
    behind.reads = 429
    assert.equal((await read()).status, 429)
    behind.reads = 503
    await kept(await read())
  })

  test('nobody is told less than At-Least asks', async (context) => {
    const { behind, read, tokens } = await started(context)
    behind.position = '0:7,1:3'
    await fresh(await read())
    behind.reads = 'break off'
    const told = (atLeast: string) => read(account, { ...tokens.ada, 'at-least': atLeast, prefer: 'handling=lenient' })
    for (const reached of ['0:7', '0:7, 1:3', '1:2']) await kept(await told(reached))
    for (const beyond of ['0:8', '0:7,1:4', '2:0', 'nonsense']) await isNothing(await told(beyond))
  })

  test('what staff and auditors look at, files, streams and long answers are not kept', async (context) => {
    const { behind, read, staff, gateway } = await started(context)
    const vera = await bearer(gateway.issuer.url, 'vera')
    const asked = [
      [account, staff],
      ['/v1/audit/accesses', vera],
      ['/v1/payments.csv', undefined],
      ['/v1/account-events', undefined],
      ['/v1/accounts/ada:main/entries', undefined],
    ] as const
    for (const [path, headers] of asked) assert.equal((await read(path, headers)).status, 200, path)
    behind.reads = 'break off'
    for (const [path, headers] of asked) await isNothing(await read(path, headers))
  })

  test('nothing is kept where nothing is to be', async (context) => {
    const { behind, read } = await started(context, { keptMs: 0 })
    await fresh(await read())
    behind.reads = 'break off'
    await isNothing(await read())
  })

  test('what was kept is over after its time', async (context) => {
    let shiftMs = 0
    const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + shiftMs }
    const { behind, read } = await started(context, { clock, keptMs: 60_000 })
    await fresh(await read())
    behind.reads = 503
    shiftMs = 59_000
    await kept(await read())
    shiftMs = 61_000
    await isNothing(await read())
  })
})

describe('a freeze', { timeout: 60_000 }, () => {
  for (const [freezes, becomes] of [
    ['201 0:9', 'shown'],
    ['202 1:4', 'shown'],
    ['200', 'kept'],
    ['422 0:9', 'kept'],
    ['409', 'in doubt'],
    ['break-off', 'in doubt'],
  ] as const) {
    test(`answered ${freezes}: what was told before is ${becomes === 'kept' ? 'kept' : 'not'}`, async (context) => {
      const { behind, read, post } = await started(context)
      const look = async (reads: Behind['reads']) => {
        behind.reads = reads
        return read()
      }
      const positions = { before: '0:8,1:3', after: '0:9,1:4' }
      behind.position = positions.before
      await fresh(await look('answer'))
      behind.freezes = freezes
      await post(`/v1/accounts/ada:main/freeze`)
      if (becomes === 'kept') return kept(await look(503))
      await isNothing(await look(503))
      // A read model that is not there yet shows the account as it was.
      await fresh(await look('answer'))
      await isNothing(await look(503))
      behind.position = positions.after
      await fresh(await look('answer'))
      if (becomes === 'in doubt') await isNothing(await look(503))
      else await kept(await look(503))
    })
  }

  test('may be what an approval approves, and any other command changes nothing', async (context) => {
    const { behind, read, post } = await started(context)
    await fresh(await read())
    behind.freezes = '201 0:9'
    await post('/v1/accounts')
    behind.reads = 503
    await kept(await read())
    await post('/v1/approvals/approval-0-4/approve')
    await isNothing(await read())
  })
})

describe('a session that ends', { timeout: 60_000 }, () => {
  test('takes what was kept for it along', async (context) => {
    const { behind, gateway } = await started(context)
    const signedIn = async () => {
      const { browser } = await signIn(gateway.url, 'ada')
      const { csrfToken } = Session.parse(await (await browser.go(`${gateway.url}/session`)).json())
      return { look: () => browser.go(`${gateway.url}${account}`), browser, csrfToken }
    }
    const one = await signedIn()
    const other = await signedIn()
    await fresh(await one.look())
    behind.reads = 503
    await kept(await other.look())
    const headers = { 'x-csrf-token': one.csrfToken, origin: gateway.url }
    assert.equal((await one.browser.go(`${gateway.url}/session/logout`, { method: 'POST', headers })).status, 200)
    await isNothing(await other.look())
  })
})

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
    await fresh(await readThere())
    behind.reads = 503
    await kept(await readThere())
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
    behind.reads = 'answer'
    await fresh(await read())
    behind.reads = 503
    await kept(await read())
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
