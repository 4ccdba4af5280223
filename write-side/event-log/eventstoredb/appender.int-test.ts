import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, type TestContext, test } from 'node:test'
import { createHandClock } from '@micropay/runtime/hand-clock.fixture'
import { createLogger } from '@micropay/runtime/logger'
import { freshName } from '@micropay/runtime/test-database.fixture'
import { digestOf, LogError } from '../event-log.ts'
import { handle, numbered, opened } from '../fresh-log.fixture.ts'
import { appendTo } from '../log-reading.fixture.ts'
import { type EventStoreLogOptions, openEventStoreLog } from './event-log.ts'
import { startTestServer, type TestServer } from './server.fixture.ts'

const log = createLogger('test', process.env.LOG_LEVEL ?? 'silent')
let server: TestServer
let reads = 0

before(async () => {
  server = await startTestServer()
})
after(() => server.close())

describe('an appender on EventStoreDB', { timeout: 60_000 }, () => {
  beforeEach(() => {
    reads = 0
  })

  test('reads nothing back of an append that comes at once behind its own', async (context) => {
    const { appender } = await appending(context)
    for (let index = 0; index < 10; index += 1) {
      assert.equal((await appender.append(numbered(`${index}`, 2))).offset, BigInt(2 * index))
    }
    assert.equal(reads, 1)
  })

  test('reads back what is answered after a pause', async (context) => {
    const { appender, clock, stream } = await appending(context)
    await appender.append(numbered('a', 1))
    clock.advance(99)
    await appender.append(numbered('b', 1))
    assert.equal(reads, 1)
    clock.advance(100)
    const { behind } = await appender.append(numbered('c', 1))
    assert.equal(behind, digestOf(numbered('b', 1)[0]?.value ?? new Uint8Array()))
    assert.equal(reads, 2)
    // As it does whose connection is made anew on the way, to a server that was restored meanwhile.
    server.beforeAppends.set(stream, () => clock.advance(100))
    await appender.append(numbered('d', 1))
    assert.equal(reads, 3)
  })

  test('reads back what stands behind another’s, and says where', async (context) => {
    const { appender, ledger } = await appending(context)
    await appender.append(numbered('a', 1))
    await appendTo(ledger, 0, numbered('other', 2))
    const readBefore = reads
    const { offset, behind } = await appender.append(numbered('b', 1))
    assert.deepEqual({ offset, behind }, { offset: 3n, behind: digestOf(numbered('other', 2)[1]?.value ?? none) })
    assert.equal(reads - readBefore, 1)
    assert.equal((await appender.append(numbered('c', 1))).offset, 4n)
    assert.equal(reads - readBefore, 1)
  })

  test('looks at the server’s clock once a second, which goes on by the monotonic one', async (context) => {
    const { appender, clock } = await appending(context)
    const { storeMs: first = 0 } = await appender.append(numbered('a', 1))
    const times: number[] = []
    for (let index = 1; index <= 12; index += 1) {
      clock.advance(90)
      times.push((await appender.append(numbered('a', 1))).storeMs ?? 0)
    }
    assert.deepEqual(
      times.slice(0, 11).map((each) => each - first),
      [90, 180, 270, 360, 450, 540, 630, 720, 810, 900, 990],
    )
    // The server has the clock of this machine.
    assert.ok((times[11] ?? 0) >= first && (times[11] ?? 0) <= Date.now())
    assert.equal(reads, 2)
  })

  test('writes nothing to a log that has lost records', async (context) => {
    const { appender, stream } = await appending(context)
    await appender.append(numbered('a', 5))
    server.streams.lose(stream, 2)
    await assert.rejects(
      appender.append(numbered('b', 1)),
      (error) =>
        error instanceof LogError && error.code === 'log_truncated' && /offset 2, before 5/.test(error.message),
    )
    assert.equal(server.streams.of(stream).length, 2)
  })

  test('has one time for all writes of an append, and says how far it got', async (context) => {
    const { appender, clock, stream } = await appending(context, { mostAppendBytes: 1_000 })
    await appender.append(numbered('a', 1))
    const records = numbered('x'.repeat(600), 5)
    server.beforeAppends.set(stream, () => clock.advance(4_000))
    await assert.rejects(
      appender.append(records),
      isUnknown(/of 5 records the first 2 stand from offset 1 on, the next 1 may, and 2 were never sent: no answer/),
    )
    server.beforeAppends.clear()
    assert.ok(server.streams.of(stream).length <= 4)
  })

  test('says of one that somebody came in between that the others are not there', async (context) => {
    const { appender, stream } = await appending(context, { mostAppendBytes: 1_000 })
    const other = server.streams.append('another', [{ ...anEvent, id: 'first' }], 'any')
    assert.ok(other.isAppended)
    let writes = 0
    server.beforeAppends.set(stream, () => {
      writes += 1
      if (writes === 3) server.streams.append(stream, [{ ...anEvent, id: 'other' }], 'any')
    })
    await assert.rejects(
      appender.append(numbered('x'.repeat(600), 5)),
      isUnknown(/the first 2 stand from offset 0 on, and no others, since somebody wrote behind them/),
    )
    assert.equal(server.streams.of(stream).length, 3)
  })
})

async function appending(context: TestContext, options: Partial<EventStoreLogOptions> = {}) {
  const prefix = freshName('appender')
  const clock = createHandClock()
  const ledger = handle(context, () => openEventStoreLog({ url: server.url, prefix, clock, log, ...options }))
  await ledger.prepare(1)
  const stream = `${prefix}-0`
  server.beforeReads.set(stream, () => {
    reads += 1
  })
  context.after(() => server.beforeAppends.clear())
  return { ledger, clock, stream, appender: await opened(context, ledger, 0) }
}

const none = new Uint8Array()
const anEvent = { metadata: new Map<string, string>(), customMetadata: none, data: none }

function isUnknown(text: RegExp) {
  return (error: unknown) => error instanceof LogError && error.code === 'append_unknown' && text.test(error.message)
}
