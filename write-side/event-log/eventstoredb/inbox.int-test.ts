import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client'
import { systemClock } from '@micropay/runtime/clock'
import { createHandClock } from '@micropay/runtime/hand-clock.fixture'
import { createLogger } from '@micropay/runtime/logger'
import { openTcpProxy, type TcpProxy } from '@micropay/runtime/tcp-proxy.fixture'
import { freshName } from '@micropay/runtime/test-database.fixture'
import { describeInbox, inboxHandle, message, prepared, read, textsOf } from '../inbox.contract.ts'
import { describeInboxOutages } from '../inbox-outage.contract.ts'
import { openEventStoreInbox } from './inbox.ts'
import { REAL_SERVER, realServer, TEST_SERVER } from './real-server.fixture.ts'
import { startTestServer, type TestServer } from './server.fixture.ts'

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

/** The server is of this process, and is as busy as it. */
describeInbox(TEST_SERVER, async () => opener(freshName('inbox'), server.url, 10_000))

/** A real one, where the environment names it. */
const real = realServer()
if (real) {
  describeInbox(REAL_SERVER, async () => opener(freshName('inbox'), real.url))
}

describeInboxOutages(TEST_SERVER, {
  proxy: () => proxy,
  fresh: async () => opener(freshName('inbox'), proxy.through(server.url)),
  most: 2,
})

const node = real?.node
if (real && node) {
  let near: TcpProxy
  before(async () => {
    near = await openTcpProxy(node)
  })
  after(() => near.close())
  describeInboxOutages(REAL_SERVER, {
    proxy: () => near,
    fresh: async () => opener(freshName('inbox'), near.through(real.url)),
    most: 2,
  })
}

describe('the inbox on EventStoreDB', { timeout: 60_000 }, () => {
  test('its stream keeps messages for an hour', async (context) => {
    const prefix = freshName('inbox')
    await prepared(context, opener(prefix), 1)
    const client = EventStoreDBClient.connectionString(server.url)
    const { metadata } = await client.getStreamMetadata(`${prefix}_inbox`)
    assert.equal(metadata?.maxAge, 3_600)
  })

  test('who takes a partition over gets what came a moment before', async (context) => {
    const prefix = freshName('inbox')
    const inbox = await prepared(context, opener(prefix), 2)
    const reader = read(context, inbox, 0)
    await inbox.send([message(1, 'one'), message(0, 'zero'), message(1, 'two')])
    await reader.take(1)
    for (const each of [inbox, inboxHandle(context, opener(prefix))]) {
      assert.deepEqual(textsOf(await read(context, each, 1).take(2)), ['one', 'two'])
    }
  })

  test('a stream that has lost messages is read from its end on', async (context) => {
    const prefix = freshName('inbox')
    const inbox = await prepared(context, opener(prefix), 1)
    const reader = read(context, inbox, 0)
    for (const text of ['one', 'two', 'three']) await inbox.send([message(0, text)])
    await reader.take(3)
    server.streams.lose(`${prefix}_inbox`, 1)
    while (textsOf(await reader.take(1))[0] !== 'after') await inbox.send([message(0, 'after')])
  })

  test('a stream in which nothing is left, since all of it is old, has lost nothing', async (context) => {
    const prefix = freshName('inbox')
    const inbox = await prepared(context, opener(prefix), 1)
    const troubles: Error[] = []
    const reader = read(context, inbox, 0, (error) => troubles.push(error))
    await inbox.send([message(0, 'old')])
    await reader.take(1)
    server.streams.lose(`${prefix}_inbox`, 0)
    await systemClock.sleep(2_500)
    assert.deepEqual(troubles, [])
  })

  test('what is sent in several writes has one time for all of them', async (context) => {
    const prefix = freshName('inbox')
    const clock = createHandClock()
    const open = () =>
      openEventStoreInbox({ url: server.url, prefix, clock, log, timeoutMs: 3_000, mostAppendBytes: 1_000 })
    const inbox = await prepared(context, open, 1)
    server.beforeAppends.set(`${prefix}_inbox`, () => clock.advance(2_000))
    const large = Array.from({ length: 2 }, (_, index) => message(0, `${index}${'x'.repeat(600)}`))
    await inbox.send(large)
    const tooMany = Array.from({ length: 5 }, (_, index) => message(0, `${index}${'x'.repeat(600)}`))
    await assert.rejects(inbox.send(tooMany), /it is unknown whether EventStoreDB took all messages/)
    assert.ok(server.streams.of(`${prefix}_inbox`).length <= 5)
  })

  test('what is no message in the stream is passed over', async (context) => {
    const prefix = freshName('inbox')
    const inbox = await prepared(context, opener(prefix), 1)
    const reader = read(context, inbox, 0)
    const client = EventStoreDBClient.connectionString(server.url)
    const strange = jsonEvent({ type: 'strange', data: {} })
    await client.appendToStream(`${prefix}_inbox`, strange, { credentials: { username: 'a', password: 'b' } })
    await inbox.send([message(0, 'after')])
    assert.deepEqual(textsOf(await reader.take(1)), ['after'])
  })
})

function opener(prefix = freshName('inbox'), url = server.url, timeoutMs?: number) {
  const patience = timeoutMs === undefined ? {} : { timeoutMs }
  return () => openEventStoreInbox({ url, prefix, clock: systemClock, log, ...patience })
}
