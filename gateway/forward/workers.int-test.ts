import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import Fastify from 'fastify'
import { Pool } from 'undici'
import { byList } from '../discover/list/by-list.ts'
import { askInTurn } from './ask-in-turn.ts'
import { openWorkers } from './workers.ts'

/** Services that say of themselves what workers say, and who owns the two partitions. */
async function startWorkers() {
  const owners: (number | null)[] = [0, 1]
  const workers: { worker: string; url: string }[] = []
  const apps = ['one', 'two'].map((worker) => {
    const app = Fastify({ forceCloseConnections: true })
    app.get('/directory', async () => ({ workers, owners }))
    app.post('/v1/payments', async (_request, reply) => reply.header('position', '0:1').send({ worker }))
    return { worker, app }
  })
  for (const { worker, app } of apps) workers.push({ worker, url: await app.listen({ host: '127.0.0.1', port: 0 }) })
  return { owners, workers, apps }
}
const open = (seed: string) =>
  openWorkers({ discovery: byList([new URL(seed)]), prefix: '' }, ({ origin }) => new Pool(origin), systemClock)
const options = { path: '/v1/payments', method: 'POST', headers: { 'idempotency-key': 'a' }, body: null } as const

test('the owner of a partition is asked, whoever that is by then, and another one once it is gone', async () => {
  const { owners, workers: listed, apps } = await startWorkers()
  const workers = open(listed[0]?.url ?? '')
  const asked = async (partition?: number) => {
    const answer = await askInTurn(workers.of('command'), partition).request(options)
    return ((await answer.body.json()) as { worker: string }).worker
  }
  while (workers.partitions() === 0) await systemClock.sleep(10)
  assert.deepEqual([await asked(0), await asked(1), await asked()], ['one', 'two', 'one'])

  owners.reverse()
  while ((await asked(0)) !== 'two') await systemClock.sleep(50)
  assert.equal(await asked(1), 'one')

  await apps[1]?.app.close()
  assert.deepEqual([await asked(0), await asked(1)], ['one', 'one'], 'at once, before it is looked for anew')
  await workers.close()
  await apps[0]?.app.close()
})

test('one that is ending is not the last word, and one that broke off is believed by the key alone', async () => {
  const { workers: listed, apps } = await startWorkers()
  const ending = Fastify({ forceCloseConnections: true })
  let says: 'ending' | 'breaks off' = 'ending'
  ending.get('/directory', async () => ({ workers: [{ worker: 'ending', url }, ...listed], owners: [0] }))
  ending.post('/v1/payments', async (request, reply) => {
    if (says === 'breaks off') request.raw.destroy()
    return reply.code(503).headers({ connection: 'close' }).send({ code: 'overloaded' })
  })
  const url: string = await ending.listen({ host: '127.0.0.1', port: 0 })
  const workers = open(url)
  while (workers.partitions() === 0) await systemClock.sleep(10)
  assert.equal((await askInTurn(workers.of('command'), 0).request(options)).statusCode, 200)
  says = 'breaks off'
  const again = open(url)
  while (again.partitions() === 0) await systemClock.sleep(10)
  assert.equal((await askInTurn(again.of('command'), 0).request(options)).statusCode, 200)
  const keyless = open(url)
  while (keyless.partitions() === 0) await systemClock.sleep(10)
  await assert.rejects(askInTurn(keyless.of('command'), 0).request({ ...options, headers: {} }))
  await Promise.all([workers.close(), again.close(), keyless.close()])
  await Promise.all([ending.close(), ...apps.map(({ app }) => app.close())])
})

test('one that stands still is asked last, and first again once it goes on', async () => {
  const held: (() => void)[] = []
  let isStill = true
  const directory = { workers: [] as { worker: string; url: string }[], owners: [0] }
  const still = Fastify({ forceCloseConnections: true })
  still.addHook('onRequest', (_request, _reply, done) => (isStill ? void held.push(done) : done()))
  still.get('/directory', async () => directory)
  still.post('/v1/payments', async () => ({ worker: 'still' }))
  const url = await still.listen({ host: '127.0.0.1', port: 0 })
  const other = Fastify({ forceCloseConnections: true })
  other.get('/directory', async () => directory)
  other.post('/v1/payments', async () => ({ worker: 'other' }))
  const seed = await other.listen({ host: '127.0.0.1', port: 0 })
  directory.workers.push({ worker: 'still', url }, { worker: 'other', url: seed })
  const workers = open(seed)
  while (workers.partitions() === 0) await systemClock.sleep(10)
  // It is looked at in the first second, and given another one to answer.
  await systemClock.sleep(2_500)
  const asked = async () => {
    const answer = await askInTurn(workers.of('command'), 0).request(options)
    return ((await answer.body.json()) as { worker: string }).worker
  }
  const startedMs = systemClock.monotonicMs()
  assert.equal(await asked(), 'other')
  assert.ok(systemClock.monotonicMs() - startedMs < 1_000)
  isStill = false
  for (const go of held) go()
  while ((await asked()) !== 'still') await systemClock.sleep(50)
  await workers.close()
  await Promise.all([still.close(), other.close()])
})
