import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import Fastify from 'fastify'
import type { LaneName } from './lanes.ts'
import { openUpstream } from './upstreams.ts'

type Mood = 'well' | 'ending' | 'breaks off' | 'gone'

/** Two instances of a service, and the gateway's connections to both. */
async function startTwo() {
  const moods: [Mood, Mood] = ['well', 'well']
  const apps = [0, 1].map((index) => {
    const app = Fastify({ forceCloseConnections: true })
    app.all('/asked', async (request, reply) => {
      if (moods[index] === 'breaks off') request.raw.destroy()
      if (moods[index] === 'ending') return reply.code(503).header('connection', 'close').send({ index })
      return { index }
    })
    return app
  })
  const urls = await Promise.all(apps.map((app) => app.listen({ host: '127.0.0.1', port: 0 })))
  const upstream = openUpstream('accounts', 'accounts', urls.join(','), {
    clock: systemClock,
    log: createLogger('test', 'silent'),
  })
  return {
    moods,
    upstream,
    end: (index: number) => apps[index]?.close(),
    ask: async (method: 'GET' | 'POST' = 'GET', lane: LaneName = 'read') => {
      const answer = await upstream.lanes[lane].requests.request({ path: '/asked', method, headers: {}, body: null })
      const { index } = (await answer.body.json()) as { index: number }
      return `${answer.statusCode} ${index}`
    },
    [Symbol.asyncDispose]: async () => {
      await upstream.close()
      await Promise.all(apps.map((app) => app.close()))
    },
  }
}

test('instances are asked in turn, and one that failed comes in again once it was let be for a while', async () => {
  await using two = await startTwo()
  assert.deepEqual([await two.ask(), await two.ask(), await two.ask()], ['200 0', '200 1', '200 0'])
  two.moods[1] = 'ending'
  assert.deepEqual([await two.ask(), await two.ask(), await two.ask()], ['200 0', '200 0', '200 0'])
  two.moods[1] = 'well'
  const seen = new Set<string>()
  while (!seen.has('200 1')) {
    seen.add(await two.ask())
    await systemClock.sleep(50)
  }
})

for (const lane of ['read', 'wait', 'download', 'events'] as const) {
  for (const mood of ['ending', 'breaks off', 'gone'] as const) {
    test(`a read among those of the kind ${lane} is answered by the other instance where one is ${mood}`, async () => {
      await using two = await startTwo()
      two.moods[0] = mood
      if (mood === 'gone') await two.end(0)
      for (let times = 0; times < 3; times += 1) assert.equal(await two.ask('GET', lane), '200 1')
    })
  }
}

test('what may have been done is not asked of another one, unless it has a key', async () => {
  await using two = await startTwo()
  two.moods[0] = 'breaks off'
  await assert.rejects(two.ask('POST'))
})

test('where all are ending the last one says so', async () => {
  await using two = await startTwo()
  two.moods.fill('ending')
  assert.match(await two.ask(), /^503 /)
})
