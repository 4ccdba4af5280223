import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, type TestContext, test } from 'node:test'
import grpc from '@grpc/grpc-js'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openTcpProxy, type TcpProxy } from '@micropay/runtime/tcp-proxy.fixture'
import { freshName } from '@micropay/runtime/test-database.fixture'
import { LogError } from '../event-log.ts'
import { handle, numbered } from '../fresh-log.fixture.ts'
import { appendTo, readRecords } from '../log-reading.fixture.ts'
import { openConnection } from './client.ts'
import { openEventStoreLog } from './event-log.ts'
import { startTestServer, type TestServer } from './server.fixture.ts'
import { endOf } from './streams.ts'

const log = createLogger('test', process.env.LOG_LEVEL ?? 'silent')
let server: TestServer
let proxy: TcpProxy

before(async () => {
  server = await startTestServer()
  proxy = await openTcpProxy({ host: '127.0.0.1', port: server.port })
})
after(async () => {
  await proxy.close()
  await server.close()
})

describe('those who share a connection', { timeout: 60_000 }, () => {
  beforeEach(() => server.beforeReads.clear())

  for (const [failure, fails] of [
    ['of which the server fails', () => Promise.reject(answered(grpc.status.UNKNOWN, 'a stream that is broken'))],
    ['that the server cannot do in time', () => Promise.reject(answered(grpc.status.ABORTED, 'timed out'))],
    ['that gets no answer', () => new Promise<void>(() => undefined)],
    ['for which the server is too busy', () => Promise.reject(answered(grpc.status.UNAVAILABLE, 'too busy'))],
  ] as const) {
    test(`one question ${failure} breaks off no other`, async (context) => {
      const connection = shared(context)
      const [slow, failing] = [freshName('slow'), freshName('failing')]
      const held = Promise.withResolvers<void>()
      let asked = 0
      server.beforeReads.set(slow, () => {
        asked += 1
        return held.promise
      })
      server.beforeReads.set(failing, fails)
      const answer = connection.use(20_000, (client) => endOf(client, slow))
      await assert.rejects(connection.use(300, (client) => endOf(client, failing)))
      held.resolve()
      assert.equal(await answer, 0n)
      assert.equal(asked, 1)
      assert.equal(await connection.use(20_000, (client) => endOf(client, slow)), 0n)
    })
  }

  test('leave one that is silent, which is closed when the last one has left it', async (context) => {
    const connection = shared(context)
    const [slow, silent] = [freshName('slow'), freshName('silent')]
    const held = Promise.withResolvers<void>()
    server.beforeReads.set(slow, () => held.promise)
    server.beforeReads.set(silent, () => new Promise<void>(() => undefined))
    const answers: Promise<string>[] = []
    for (let round = 0; round < 3; round += 1) {
      const answer = connection.use(20_000, (client) => endOf(client, slow))
      answers.push(answer.then(String, (error: Error) => error.message))
      await assert.rejects(
        connection.use(100, (client) => endOf(client, silent)),
        /no answer within 100 ms/,
      )
      while (proxy.connections() > 2) await systemClock.turn()
    }
    // One beside the new one is kept, and who is on an older one fails.
    held.resolve()
    const givenUp = 'the connection was given up'
    assert.deepEqual(await Promise.all(answers), [givenUp, givenUp, '0'])
    while (proxy.connections() > 0) await systemClock.turn()
  })

  test('a question that is broken off is not answered as if there were nothing', async (context) => {
    const prefix = freshName('ledger')
    const ledger = handle(context, () => openEventStoreLog({ url: server.url, prefix, clock: systemClock, log }))
    await ledger.prepare(1)
    await appendTo(ledger, 0, numbered('a', 1))
    const reached = Promise.withResolvers<void>()
    server.beforeReads.set(`${prefix}-0`, async () => {
      reached.resolve()
      await systemClock.sleep(20_000, context.signal)
    })
    const asked = assert.rejects(ledger.end(0), isUnavailable)
    await reached.promise
    await ledger.close()
    await asked
  })

  test('readers fail no end and no layout that somebody asks for meanwhile', async (context) => {
    const prefix = freshName('ledger')
    const url = proxy.through(server.url)
    const ledger = handle(context, () =>
      openEventStoreLog({ url, prefix, clock: systemClock, log, readTimeoutMs: 1_000 }),
    )
    await ledger.prepare(2)
    await appendTo(ledger, 0, numbered('a', 1))
    let failures = 0
    const recovered = Promise.withResolvers<void>()
    server.beforeReads.set(`${prefix}-0`, async () => {
      failures += 1
      if (failures > 5) return recovered.resolve()
      throw answered(grpc.status.UNKNOWN, 'a stream that is broken')
    })
    const reading = readRecords(ledger, 0, 0n, 1)
    let ends = 0
    const until = recovered.promise.then(() => true)
    while (!(await Promise.race([until, systemClock.turn().then(() => false)]))) {
      assert.equal(await ledger.end(1), 0n)
      ends += 1
    }
    assert.equal((await reading).length, 1)
    assert.ok(ends > 1)
  })
})

function isUnavailable(error: unknown): boolean {
  return error instanceof LogError && error.code === 'log_unavailable'
}

function shared(context: TestContext) {
  const connection = openConnection({ url: proxy.through(server.url), clock: systemClock })
  context.after(() => connection.close())
  return connection
}

function answered(code: grpc.status, details: string): Error {
  return Object.assign(new Error(details), { code, details })
}
