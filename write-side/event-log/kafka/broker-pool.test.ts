import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import type { BrokerConnection } from './broker-connection.ts'
import { createBrokerPool } from './broker-pool.ts'

const [broker, another] = [
  { host: 'one', port: 1 },
  { host: 'two', port: 2 },
]

function openPool({ most = 2, waitMs = 60_000 } = {}) {
  const opened: (BrokerConnection & { over: boolean })[] = []
  let gate = Promise.resolve()
  const pool = createBrokerPool({
    ...{ most, waitMs, clock: systemClock },
    open: async () => {
      await gate
      const connection = {
        over: false,
        ask: () => Promise.reject(new Error('nobody listens')),
        rest: () => undefined,
        isOver: () => connection.over,
        close: () => {
          connection.over = true
        },
      }
      opened.push(connection)
      return connection
    },
  })
  const left = () => opened.filter(({ over }) => !over).length
  return { pool, opened, left, hold: (until: Promise<void>) => (gate = until) }
}

/** A use that goes on until it is told to end, and the connection that it has. */
function begin(pool: ReturnType<typeof openPool>['pool'], at = broker) {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<BrokerConnection>()
  const ended = pool.use(at, async (connection) => {
    begun.resolve(connection)
    await promise
  })
  ended.catch(begun.reject)
  begun.promise.catch(() => undefined)
  return { begun: begun.promise, ended, end: resolve, fail: reject }
}

test('each use has a connection alone, and who finds none free waits for its turn, in order', async () => {
  const { pool, opened } = openPool()
  const [first, second, third, fourth] = [begin(pool), begin(pool), begin(pool), begin(pool)]
  assert.notEqual(await first.begun, await second.begun)
  const order: string[] = []
  void third.begun.then(() => order.push('third'))
  void fourth.begun.then(() => order.push('fourth'))
  second.end()
  assert.equal(await third.begun, await second.begun)
  first.end()
  await fourth.begun
  assert.deepEqual(order, ['third', 'fourth'])
  assert.equal(opened.length, 2)
  third.end()
  fourth.end()
})

test('what hangs at one broker keeps nobody from another', async () => {
  const { pool } = openPool({ most: 1 })
  const [hanging, other] = [begin(pool), begin(pool, another)]
  await hanging.begun
  await other.begun
})

test('who waits for too long is told, and the line goes on', async () => {
  const { pool } = openPool({ most: 1, waitMs: 20 })
  const hanging = begin(pool)
  await hanging.begun
  await assert.rejects(begin(pool).begun, /none of 1 connections came free within 20 ms/)
  hanging.end()
  await hanging.ended
  await begin(pool).begun
})

test('a connection whose use failed is closed, and where it broke so are those that nobody uses', async () => {
  const { pool, opened, left } = openPool({ most: 3 })
  const uses = [begin(pool), begin(pool), begin(pool)]
  for (const use of uses) await use.begun
  const [refused, broken, idle] = uses
  idle?.end()
  await idle?.ended
  refused?.fail(new Error('not the leader'))
  await assert.rejects(refused?.ended ?? Promise.resolve())
  assert.equal(left(), 2)
  if (opened[1]) opened[1].over = true
  broken?.fail(new Error('the connection broke'))
  await assert.rejects(broken?.ended ?? Promise.resolve())
  assert.equal(left(), 0)
  await begin(pool).begun
  assert.equal(opened.length, 4)
})

test('one that broke while nobody used it is not used again', async () => {
  const { pool, opened } = openPool()
  const use = begin(pool)
  await use.begun
  use.end()
  await use.ended
  if (opened[0]) opened[0].over = true
  assert.equal(await begin(pool).begun, opened[1])
})

test('a closed pool leaves nothing open, be it kept, used or still connecting', async () => {
  const { pool, left, hold } = openPool({ most: 2 })
  const used = begin(pool)
  await used.begun
  const connected = Promise.withResolvers<void>()
  hold(connected.promise)
  const [connecting, waiting] = [begin(pool), begin(pool)]
  pool.close()
  await assert.rejects(waiting.ended, { code: 'log_unavailable' })
  connected.resolve()
  await assert.rejects(connecting.ended, { code: 'log_unavailable' })
  used.end()
  await used.ended
  await assert.rejects(begin(pool).ended, { code: 'log_unavailable' })
  assert.equal(left(), 0)
})
