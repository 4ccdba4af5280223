import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import type { BrokerConnection } from './broker-connection.ts'
import { openBrokerFeed } from './broker-feed.ts'
import type { Demand } from './demand.ts'
import { type WrittenAnswer, writtenAnswer } from './fetch-answer.fixture.ts'

/** What was asked on one of the connections, and is not answered yet. */
type Asked = {
  readonly connection: number
  readonly waitMs: number
  readonly partitions: readonly number[]
  answer(...partitions: readonly WrittenAnswer[]): void
  fail(): void
}

function openFeed() {
  const asked: Asked[] = []
  let opened = 0
  let astray = 0
  const feed = openBrokerFeed({
    ...{ topic: 'ledger', clock: systemClock, onAstray: () => (astray += 1) },
    open: async () => {
      opened += 1
      return connectionOf(opened, asked)
    },
  })
  const next = async () => {
    while (asked.length === 0) await systemClock.turn()
    const first = asked.shift()
    assert.ok(first)
    return first
  }
  return { feed, next, asked, astray: () => astray, opened: () => opened }
}

function connectionOf(connection: number, asked: Asked[]): BrokerConnection {
  let isOver = false
  let reject = (_: Error) => {}
  const fail = () => {
    isOver = true
    reject(new Error('the connection broke'))
  }
  return {
    ask: async (request) => {
      const { buffer } = await request.encode()
      const answered = Promise.withResolvers<Buffer>()
      reject = answered.reject
      const partitions: number[] = []
      for (let at = 41; at + 28 <= buffer.byteLength; at += 28) partitions.push(buffer.readInt32BE(at))
      const answer: Asked['answer'] = (...parts) => answered.resolve(writtenAnswer(...parts))
      asked.push({ connection, waitMs: buffer.readInt32BE(4), partitions, answer, fail })
      return answered.promise
    },
    rest: () => undefined,
    isOver: () => isOver,
    close: fail,
  }
}

/** Wants what is behind offset 5, and is told that the log ends elsewhere where an answer says so. */
function wantedFrom(feed: ReturnType<typeof openFeed>['feed'], partition: number) {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const ended = promise.then(
    () => 'answered',
    () => 'failed',
  )
  const times = { sinceMs: systemClock.monotonicMs(), isDropped: false }
  const demand: Demand = { partition, from: 5n, maxBytes: 100, resolve, reject, ...times }
  feed.followers.add(demand)
  feed.want(demand)
  return { ended, demand }
}

test('one request asks for all, and who comes while it waits goes by the other connection meanwhile', async () => {
  const { feed, next, asked, opened } = openFeed()
  const first = wantedFrom(feed, 0)
  wantedFrom(feed, 1)
  const all = await next()
  assert.deepEqual([all.partitions, all.waitMs], [[0, 1], 500])
  wantedFrom(feed, 2)
  wantedFrom(feed, 3)
  const newcomers = await next()
  assert.deepEqual([newcomers.partitions, newcomers.waitMs], [[2, 3], 20])
  assert.notEqual(newcomers.connection, all.connection)
  all.answer({ partition: 0, end: 3n }, { partition: 1, end: 5n })
  assert.equal(await first.ended, 'answered')
  const rest = await next()
  assert.deepEqual([rest.partitions, rest.waitMs, rest.connection], [[1], 100, all.connection])
  newcomers.answer({ partition: 2, end: 5n }, { partition: 3, end: 5n })
  const again = await next()
  assert.deepEqual([again.partitions, again.connection], [[2, 3], newcomers.connection])
  rest.answer({ partition: 1, end: 5n })
  again.answer({ partition: 2, end: 5n }, { partition: 3, end: 5n })
  assert.deepEqual((await next()).partitions.toSorted(), [1, 2, 3])
  assert.deepEqual([asked.length, opened()], [0, 2])
  feed.close(new Error('closed'))
})

test('who is still reading is left out, and so is who has gone', async () => {
  const { feed, next } = openFeed()
  const [reading, going] = [wantedFrom(feed, 0), wantedFrom(feed, 1)]
  wantedFrom(feed, 2)
  const all = await next()
  going.demand.isDropped = true
  all.answer({ partition: 0, end: 3n }, { partition: 1, end: 5n }, { partition: 2, end: 5n })
  assert.equal(await reading.ended, 'answered')
  assert.deepEqual((await next()).partitions, [2])
  feed.close(new Error('closed'))
})

test('a connection that breaks is told to those on it, and the next one is opened', async () => {
  const { feed, next, astray } = openFeed()
  const one = wantedFrom(feed, 0)
  const all = await next()
  const two = wantedFrom(feed, 1)
  const newcomer = await next()
  all.fail()
  assert.equal(await one.ended, 'failed')
  newcomer.answer({ partition: 1, end: 3n })
  assert.equal(await two.ended, 'answered')
  assert.equal(astray(), 1)
  wantedFrom(feed, 0)
  const again = await next()
  assert.ok(again.connection > 2)
  feed.close(new Error('closed'))
})

test('a closed feed fails what is asked, and asks no more', async () => {
  const { feed, next, asked, astray } = openFeed()
  const one = wantedFrom(feed, 0)
  await next()
  feed.close(new Error('closed'))
  assert.equal(await one.ended, 'failed')
  wantedFrom(feed, 1)
  for (let turn = 0; turn < 5; turn += 1) await systemClock.turn()
  assert.deepEqual([asked.length, astray()], [0, 0])
})
