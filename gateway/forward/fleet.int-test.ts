import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { systemClock as clock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import Fastify from 'fastify'
import { Pool } from 'undici'
import type { Discovery, Place } from '../discover/discovery.ts'
import { byDns } from '../discover/dns/by-dns.ts'
import { type Records, startNameServer } from '../discover/dns/name-server.fixture.ts'
import { byList } from '../discover/list/by-list.ts'
import { until } from '../share/shared-memory.contract.ts'
import { askInTurn } from './ask-in-turn.ts'
import { openFleet } from './fleet.ts'
import { codeOf } from './no-answer.ts'
import { connectAt } from './upstreams.ts'

type Mood = 'well' | 'not ready' | 'still'

/** A process that may be not ready, stand still, go and come again; whoever holds its answers lets them go. */
async function startInstance(context: TestContext, name: string, host = '127.0.0.1', port = 0) {
  let mood: Mood = 'well'
  const held: (() => void)[] = []
  let holds = false
  const build = () => {
    const app = Fastify({ forceCloseConnections: true })
    app.addHook('onRequest', (_request, _reply, done) => (mood === 'still' ? void held.push(done) : done()))
    app.get('/health/ready', async (_request, reply) => {
      return reply.code(mood === 'not ready' ? 503 : 200).send({ reason: 'it waits' })
    })
    app.get('/asked', async () => {
      if (holds) await new Promise<void>((resolve) => held.push(resolve))
      return { name }
    })
    app.get('/stream', async (_request, reply) => {
      reply.hijack()
      reply.raw.write('begun')
      held.push(() => reply.raw.end(name))
    })
    return app
  }
  let app = build()
  const url = new URL(await app.listen({ host, port }))
  context.after(() => app.close())
  const ownPort = (app.server.address() as AddressInfo).port
  return {
    url,
    port: ownPort,
    become: (next: Mood) => {
      mood = next
    },
    hold: () => {
      holds = true
    },
    letGo: () => {
      holds = false
      for (const go of held.splice(0)) go()
    },
    go: () => app.close(),
    come: async () => {
      app = build()
      await app.listen({ host, port: ownPort })
    },
  }
}

function openOn(context: TestContext, discovery: Discovery) {
  const log = createLogger('test', 'silent')
  const open = ({ origin, address }: Place) => {
    const { hostname } = new URL(origin)
    return new Pool(origin, { pipelining: 1, ...(address ? { connect: connectAt(address, hostname) } : {}) })
  }
  const fleet = openFleet({ name: 'accounts', prefix: '', discovery, open, clock, log })
  context.after(() => fleet.close())
  const requests = askInTurn(fleet.of('read'))
  const ask = async (path = '/asked') => {
    const { body } = await requests.request({ path, method: 'GET', headers: {}, body: null })
    return ((await body.json()) as { name: string }).name
  }
  const standings = () => fleet.instances().map(({ standing }) => standing)
  return { fleet, ask, standings }
}

async function startTwo(context: TestContext) {
  const one = await startInstance(context, 'one')
  const other = await startInstance(context, 'other')
  return { one, other, ...openOn(context, byList([one.url, other.url])) }
}

describe('of two instances', { timeout: 60_000 }, () => {
  test('the one is asked that has less to do', async (context) => {
    const { one, ask, fleet } = await startTwo(context)
    one.hold()
    const first = ask()
    await until(() => fleet.instances()[0]?.underWay === 1)
    assert.deepEqual([await ask(), await ask(), await ask()], ['other', 'other', 'other'])
    one.letGo()
    assert.equal(await first, 'one')
    assert.deepEqual(new Set([await ask(), await ask()]), new Set(['one', 'other']))
  })

  test('one that stands still is away soon, and what it had been asked the other one answers', async (context) => {
    const { one, ask, standings } = await startTwo(context)
    one.become('still')
    const asked = [ask(), ask()]
    assert.deepEqual(await Promise.all(asked), ['other', 'other'])
    assert.deepEqual(standings(), ['away', 'well'])
    one.become('well')
    one.letGo()
    await until(() => standings()[0] === 'well')
    const seen = new Set<string>()
    while (!seen.has('one')) seen.add(await ask())
  })

  test('one that is not ready is asked where the other is away; where both are nobody waits', async (context) => {
    const { one, other, ask, standings } = await startTwo(context)
    one.become('not ready')
    await until(() => standings()[0] === 'not ready')
    assert.deepEqual([await ask(), await ask()], ['other', 'other'])
    await other.go()
    assert.deepEqual([await ask(), await ask()], ['one', 'one'])
    await one.go()
    await until(() => standings().every((standing) => standing === 'away'))
    await assert.rejects(ask(), (error) => codeOf(error) === 'upstream_away')
    await other.come()
    await until(() => standings()[1] === 'well')
    assert.equal(await ask(), 'other')
  })
})

test('an instance that left DNS is asked nothing new, and ends what it has begun', {
  timeout: 60_000,
}, async (context) => {
  const one = await startInstance(context, 'one', '127.0.0.1')
  const other = await startInstance(context, 'other', '127.0.0.2', one.port)
  const names = new Map<string, Records>([['accounts.test', { addresses: ['127.0.0.1'] }]])
  const server = await startNameServer(names)
  context.after(() => server.close())
  const url = new URL(`http://accounts.test:${one.port}`)
  const log = createLogger('test', 'silent')
  const discovery = byDns({ service: 'accounts', url, isSrv: false, servers: [server.server], clock, log })
  await discovery.looked
  const { fleet, ask } = openOn(context, discovery)
  assert.equal(await ask(), 'one')
  const [stream] = fleet.of('events').inOrder()
  const begun = await stream?.request({ path: '/stream', method: 'GET', headers: {}, body: null })
  names.set('accounts.test', { addresses: ['127.0.0.1', '127.0.0.2'] })
  await until(() => fleet.instances().length === 2)
  assert.deepEqual(new Set([await ask(), await ask()]), new Set(['one', 'other']))
  names.set('accounts.test', { addresses: ['127.0.0.2'] })
  await until(() => fleet.instances().length === 1)
  assert.deepEqual([await ask(), await ask()], ['other', 'other'])
  one.letGo()
  assert.equal(await begun?.body.text(), 'begunone')
  other.letGo()
})
