import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openTcpProxy, type TcpProxy } from '@micropay/runtime/tcp-proxy.fixture'
import { freshName } from '@micropay/runtime/test-database.fixture'
import { describeFewConnections } from '../few-connections.contract.ts'
import { numbered, plain } from '../fresh-log.fixture.ts'
import { appendTo, nextBatch, readRecords } from '../log-reading.fixture.ts'
import { describeSilentConnections } from '../silent-connection.contract.ts'
import { describeAnyServer, isLogError } from './any-server.contract.ts'
import { checkedConnectionString } from './connection-string.ts'
import { type EventStoreLogOptions, openEventStoreLog } from './event-log.ts'
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

describeAnyServer(TEST_SERVER, () => server.url)
describeByProxy(TEST_SERVER, { proxy: () => proxy, url: () => server.url })

/** A real one, where the environment names it. */
const real = realServer()
if (real) {
  describeAnyServer(REAL_SERVER, () => real.url)
  const { node } = real
  let near: TcpProxy
  before(async () => {
    if (node) near = await openTcpProxy(node)
  })
  after(() => near?.close())
  if (node) describeByProxy(REAL_SERVER, { proxy: () => near, url: () => real.url })
}

/** All connections go by a proxy, which counts them and can swallow what they bring. */
function describeByProxy(name: string, { proxy, url }: { proxy: () => TcpProxy; url: () => string }): void {
  const fresh = async () => opener({ url: proxy().through(url()) })
  describeSilentConnections(name, proxy, fresh)
  describeFewConnections(name, { most: 7, fresh, connections: async () => proxy().connections() })
  test('a reader whose connection is cut goes on, and an append in between is unknown', {
    timeout: 60_000,
  }, async (context) => {
    const log = await prepared(context, { url: proxy().through(url()) })
    const appender = await log.openAppender(0)
    await appender.append(numbered('a', 1))
    const batches = log.read(0, 0n, { signal: context.signal })[Symbol.asyncIterator]()
    await nextBatch(batches)
    context.after(() => proxy().set('pass'))
    proxy().set('cut')
    await assert.rejects(appender.append(numbered('b', 1)), isLogError('append_unknown'))
    proxy().set('pass')
    await assert.rejects(appender.append(numbered('b', 1)), isLogError('append_unknown'))
    const arriving = nextBatch(batches)
    await appendTo(log, 0, numbered('b', 1))
    assert.deepEqual((await arriving).map(plain), numbered('b', 1).map(plain))
    await batches.return?.()
  })
}

describe('the event log on EventStoreDB, when something fails', { timeout: 60_000 }, () => {
  for (const spoil of ['appended in silence', 'appended in error', 'lost'] as const) {
    test(`an append is unknown that is ${spoil}, and the appender stays dead`, async (context) => {
      const prefix = freshName('faults')
      const log = await prepared(context, { prefix, appendTimeoutMs: 300 })
      const appender = await log.openAppender(0)
      server.spoilNext(spoil)
      await assert.rejects(appender.append(numbered('a', 2)), isLogError('append_unknown'))
      await assert.rejects(appender.append(numbered('a', 2)), isLogError('append_unknown'))
      assert.equal(await log.end(0), spoil === 'lost' ? 0n : 2n)
      assert.equal(await appendTo(log, 0, numbered('a', 2)), spoil === 'lost' ? 0n : 2n)
    })
  }

  test('an append that is sent again has other ids, and one larger than a write is several', async (context) => {
    const prefix = freshName('faults')
    const log = await prepared(context, { prefix, mostAppendBytes: 10_000 })
    const records = Array.from({ length: 30 }, (_, index) => ({
      key: `${index}`,
      value: new Uint8Array(1_000).fill(index),
    }))
    const before = server.calls.appends
    for (const base of [0n, 30n]) assert.equal(await appendTo(log, 0, records), base)
    assert.equal(server.calls.appends - before, 10)
    const read = await readRecords(log, 0, 0n, 60)
    assert.deepEqual(read.map(plain), [...records, ...records].map(plain))
    const ids = server.streams.of(`${prefix}-0`).map(({ id }) => id)
    assert.equal(new Set(ids).size, 60)
  })

  test('an append of several writes is torn where somebody came in between', async (context) => {
    const prefix = freshName('faults')
    const log = await prepared(context, { prefix, mostAppendBytes: 2_000 })
    const records = numbered('x'.repeat(600), 6)
    const appender = await log.openAppender(0)
    const writes = new Promise<void>((resolve) => server.streams.changes.once('appended', () => resolve()))
    const torn = assert.rejects(appender.append(records), isLogError('append_unknown'))
    await writes
    server.streams.append(
      `${prefix}-0`,
      server.streams
        .of(`${prefix}-0`)
        .slice(0, 1)
        .map((each) => ({ ...each, id: 'other' })),
      'any',
    )
    await torn
    const read = await readRecords(log, 0, 0n, Number(await log.end(0)))
    const own = read.filter(({ key }, index) => index === 0 || key !== read[0]?.key)
    assert.deepEqual(own.map(plain), records.slice(0, own.length).map(plain))
    assert.ok(own.length < records.length)
  })

  test('an append above what the server takes is unknown, and nothing is appended', async (context) => {
    const log = await prepared(context, { mostAppendBytes: 100_000_000 })
    const appender = await log.openAppender(0)
    const large = { key: 'large', value: new Uint8Array(2_000_000) }
    await assert.rejects(appender.append([large]), isLogError('append_unknown'))
    assert.equal(await log.end(0), 0n)
  })

  test('a missing record is a truncated log, at the beginning, in the middle and at the end', async (context) => {
    for (const [gone, from] of [
      [0n, 0n],
      [1n, 0n],
      [2n, 3n],
    ] as const) {
      const prefix = freshName('faults')
      const log = await prepared(context, { prefix })
      await appendTo(log, 0, numbered('a', 4))
      server.streams.damage(`${prefix}-0`, gone)
      await assert.rejects(readRecords(log, 0, from, 4), isLogError('log_truncated'))
    }
  })

  test('another client whose stream breaks fails nobody’s appends', async (context) => {
    const log = await prepared(context, {})
    const appender = await log.openAppender(0)
    const other = EventStoreDBClient.connectionString(server.url)
    const before = server.calls.batchAppends
    // It forgets some of its own, too, which end never.
    for (let round = 0; round < 20; round += 1) {
      other.appendToStream(freshName('other'), jsonEvent({ type: 'other', data: {} })).catch(() => undefined)
      await appender.append(numbered(`${round}`, 1))
    }
    assert.ok(server.calls.batchAppends > before, 'the other client took the other way')
    assert.equal(await log.end(0), 20n)
    const during = server.calls.batchAppends
    await appender.append(numbered('last', 1))
    assert.equal(server.calls.batchAppends, during)
  })

  test('it speaks TLS with a user, finds the leader, and is refused without the right password', async (context) => {
    const tls = await makeCertificate(context)
    await using secured = await startTestServer({ tls, credentials: 'ada:secret' })
    const options = `tls=true&tlsCAFile=${encodeURIComponent(tls.file)}`
    const url = (password: string, hosts: string) =>
      checkedConnectionString(`esdb://ada:${password}@${hosts}?${options}`)
    for (const hosts of [`localhost:${secured.port}`, `localhost:1,localhost:${secured.port}`]) {
      const log = await prepared(context, { url: url('secret', hosts) })
      await appendTo(log, 0, numbered('a', 2))
      assert.deepEqual((await readRecords(log, 0, 0n, 2)).map(plain), numbered('a', 2).map(plain))
    }
    const refused = opener({ url: url('wrong', `localhost:${secured.port}`) })()
    await assert.rejects(
      refused.prepare(1),
      (error) => isLogError('log_unavailable')(error) && /not allowed/.test(String(error)),
    )
    await refused.close()
  })

  test('readers that may not read all streams look once a second', async (context) => {
    await using guarded = await startTestServer({ refusesAll: true })
    const log = await prepared(context, { url: guarded.url })
    const batches = log.read(0, 0n, { signal: context.signal })[Symbol.asyncIterator]()
    const arriving = nextBatch(batches)
    await appendTo(log, 0, numbered('a', 1))
    assert.equal((await arriving).length, 1)
    await batches.return?.()
  })

  test('a log that stays out of reach is unavailable after its time', async () => {
    const log = opener({ url: 'esdb://127.0.0.1:1?tls=false', unavailableAfterMs: 300 })()
    await assert.rejects(readRecords(log, 0, 0n, 1), isLogError('log_unavailable'))
    await assert.rejects(log.openAppender(0), isLogError('log_unavailable'))
    await assert.rejects(log.prepare(1), isLogError('log_unavailable'))
    await log.close()
  })
})

function opener({ prefix = freshName('faults'), ...options }: Partial<EventStoreLogOptions>) {
  return () => openEventStoreLog({ url: server.url, prefix, clock: systemClock, log, ...options })
}

async function prepared(context: TestContext, options: Partial<EventStoreLogOptions>) {
  const log = opener(options)()
  context.after(() => log.close())
  await log.prepare(1)
  return log
}

/** Of `localhost`, by itself. */
async function makeCertificate(context: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'micropay-eventstoredb-'))
  context.after(() => rm(directory, { recursive: true, force: true }))
  const [key, file] = [join(directory, 'key.pem'), join(directory, 'certificate.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  await promisify(execFile)('openssl', [...kind, ...subject, '-keyout', key, '-out', file])
  return { file, key: await readFile(key, 'utf8'), certificate: await readFile(file, 'utf8') }
}
