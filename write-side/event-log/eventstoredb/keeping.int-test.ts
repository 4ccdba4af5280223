import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import grpc from '@grpc/grpc-js'
import { createHandClock, type HandClock, passing } from '@micropay/runtime/hand-clock.fixture'
import { createLogger } from '@micropay/runtime/logger'
import { freshName } from '@micropay/runtime/test-database.fixture'
import { type Appender, LogError, type LogRecord } from '../event-log.ts'
import { isEvidence } from '../evidence.ts'
import { handle, numbered, opened } from '../fresh-log.fixture.ts'
import { nextBatch, readRecords } from '../log-reading.fixture.ts'
import { openEventStoreLog } from './event-log.ts'
import { setStreamSettings, startTestServer, type TestServer } from './server.fixture.ts'

const log = createLogger('test', process.env.LOG_LEVEL ?? 'silent')
let server: TestServer

before(async () => {
  server = await startTestServer()
})
after(() => server.close())

describe('a stream that begins to lose records while it is served', { timeout: 60_000 }, () => {
  for (const [name, setting, text] of [
    ['$maxAge', { maxAge: 3_600 }, /-0 may lose records: take \$maxAge off its metadata/],
    ['$maxCount', { maxCount: 1_000 }, /\$maxCount/],
    ['$tb', { truncateBefore: 1 }, /\$tb/],
    ['$tb, as it is deleted', { truncateBefore: 2 ** 53 - 1 }, /\$tb/],
  ] as const) {
    test(`stops who reads and who appends, as evidence that names ${name}, until it is taken off`, async (context) => {
      const { clock, ledger, prefix } = await served(context)
      const appender = await opened(context, ledger, 0)
      await appender.append(numbered('a', 1))
      const batches = ledger.read(0, 0n, { signal: context.signal })[Symbol.asyncIterator]()
      await nextBatch(batches)
      const stopped = Promise.all([
        assert.rejects(readOn(batches), isEvidenceOf(text)),
        assert.rejects(appendOn(appender, clock), isEvidenceOf(text)),
      ])
      await setStreamSettings(server, `${prefix}-0`, setting)
      await passing(clock, stopped)
      await assert.rejects(ledger.openAppender(0), isEvidenceOf(text))
      await assert.rejects(readRecords(ledger, 0, 0n, 1), isEvidenceOf(text))
      await setStreamSettings(server, `${prefix}-0`, {})
      assert.ok((await readRecords(ledger, 0, 0n, 1)).length >= 1)
      await (await opened(context, ledger, 0)).append(numbered('c', 1))
    })
  }

  test('is seen by who begins to read, before anything is lost', async (context) => {
    const { ledger, prefix } = await served(context)
    await setStreamSettings(server, `${prefix}-0`, { maxAge: 3_600 })
    await assert.rejects(readRecords(ledger, 0, 0n, 1), isEvidenceOf(/\$maxAge/))
  })

  test('is seen where it was deleted for good', async (context) => {
    const { ledger, prefix } = await served(context)
    server.beforeReads.set(`$$${prefix}-0`, () => Promise.reject(tombstone(`$$${prefix}-0`)))
    await assert.rejects(readRecords(ledger, 0, 0n, 1), isEvidenceOf(/deleted for good/))
  })

  test('costs one question in ten seconds, which no append waits for', async (context) => {
    const { clock, ledger, prefix } = await served(context)
    let looks = 0
    const reached = Promise.withResolvers<void>()
    server.beforeReads.set(`$$${prefix}-0`, () => {
      looks += 1
      if (looks === 1) return
      reached.resolve()
      return new Promise(() => undefined)
    })
    const appender = await opened(context, ledger, 0)
    for (let index = 0; index < 20; index += 1) {
      clock.advance(100)
      await appender.append(numbered('a', 1))
    }
    assert.equal(looks, 1)
    clock.advance(11_000)
    await appender.append(numbered('a', 1))
    await appender.append(numbered('a', 1))
    await reached.promise
    assert.equal(looks, 2)
  })

  test('keeps nobody from reading who may not ask for its settings', async (context) => {
    const { ledger, prefix } = await served(context)
    await (await opened(context, ledger, 0)).append(numbered('a', 1))
    const metadata = new grpc.Metadata()
    metadata.set('exception', 'access-denied')
    const denied = Object.assign(new Error('not allowed'), { code: grpc.status.PERMISSION_DENIED, metadata })
    server.beforeReads.set(`$$${prefix}-0`, () => Promise.reject(denied))
    const reader = openLog(context, prefix)
    assert.equal((await readRecords(reader, 0, 0n, 1)).length, 1)
  })
})

test('a layout that was lost is written anew by nobody', async (context) => {
  const prefix = freshName('keeping')
  const layout = `${prefix}_layout`
  const something = { id: 'x', metadata: new Map(), customMetadata: new Uint8Array(), data: new Uint8Array() }
  server.beforeReads.set(layout, () => server.streams.lose(layout, 0))
  server.beforeAppends.set(layout, () => void server.streams.append(layout, [something], 'any'))
  await assert.rejects(
    openLog(context, prefix).prepare(4),
    (error) => error instanceof LogError && error.code === 'log_mismatch' && /has lost how many/.test(error.message),
  )
})

function openLog(context: TestContext, prefix: string, clock = createHandClock()) {
  return handle(context, () => openEventStoreLog({ url: server.url, prefix, clock, log }))
}

async function served(context: TestContext) {
  const prefix = freshName('keeping')
  const clock = createHandClock()
  const ledger = openLog(context, prefix, clock)
  await ledger.prepare(1)
  return { prefix, clock, ledger }
}

async function readOn(batches: AsyncIterator<readonly LogRecord[]>): Promise<void> {
  for (;;) await nextBatch(batches)
}

async function appendOn(appender: Appender, clock: HandClock): Promise<void> {
  for (;;) {
    await appender.append(numbered('b', 1))
    await clock.sleep(500)
  }
}

function tombstone(stream: string): Error {
  const metadata = new grpc.Metadata()
  metadata.set('exception', 'stream-deleted')
  metadata.set('stream-name', stream)
  return Object.assign(new Error('deleted'), { code: grpc.status.FAILED_PRECONDITION, metadata })
}

function isEvidenceOf(text: RegExp) {
  return (error: unknown) => isEvidence(error) && text.test(error.message)
}
