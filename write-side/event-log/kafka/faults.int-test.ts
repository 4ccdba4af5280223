import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { freePort } from '@micropay/local/stores/free-port'
import { type KafkaBroker, startKafkaBroker } from '@micropay/local/stores/kafka-broker'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import kafkajs from 'kafkajs'
import { type EventLog, LogError, type LogErrorCode } from '../event-log.ts'
import { appendTo, nextBatch, readRecords } from '../log-reading.fixture.ts'
import { openKafkaLog } from './event-log.ts'

let directory: string
let port: number
let broker: KafkaBroker

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'micropay-kafka-faults-'))
  port = await freePort()
  broker = await startKafkaBroker({ directory, port })
})
after(async () => {
  await broker.stop()
  await rm(directory, { recursive: true, force: true })
})

describe('the event log on Kafka, when something fails', { timeout: 90_000 }, () => {
  test('a reader goes on without a loss when the broker restarts, and an append in between is unknown', async (context) => {
    const log = await prepared(context)
    const appender = await log.openAppender(0)
    await appender.append(numbered(0, 10))
    const batches = log.read(0, 0n, { signal: context.signal, maxRecords: 4 })[Symbol.asyncIterator]()
    const keys = (await nextBatch(batches)).map((record) => record.key)
    await broker.kill()
    await assert.rejects(appender.append(numbered(10, 1)), isLogError('append_unknown'))
    broker = await startKafkaBroker({ directory, port })
    await assert.rejects(appender.append(numbered(10, 1)), isLogError('append_unknown'))
    await appendTo(log, 0, numbered(10, 10))
    while (keys.length < 20) keys.push(...(await nextBatch(batches)).map((record) => record.key))
    assert.deepEqual(
      keys,
      numbered(0, 20).map((record) => record.key),
    )
    await batches.return?.()
  })

  test('a reader joins no consumer group', async (context) => {
    const topic = freshTopic()
    const log = await prepared(context, topic)
    await appendTo(log, 0, numbered(0, 5))
    const groupsOf = () => withAdmin(async (admin) => (await admin.listGroups()).groups)
    const before = await groupsOf()
    const batches = log.read(0, 0n, { signal: context.signal })[Symbol.asyncIterator]()
    await nextBatch(batches)
    assert.deepEqual(await groupsOf(), before)
    await batches.return?.()
  })

  test('an append larger than a fetch is read, and so are its records from any of them on', async (context) => {
    const log = await prepared(context)
    const large = Array.from({ length: 6 }, (_, index) => ({
      key: `large-${index}`,
      value: new Uint8Array(500_000).fill(index),
    }))
    await appendTo(log, 0, [...numbered(0, 3), ...large])
    await appendTo(log, 0, numbered(9, 3))
    for (const from of [0, 5, 8, 9]) {
      const read = await readRecords(log, 0, BigInt(from), 12 - from)
      assert.deepEqual(
        read.map(({ offset }) => Number(offset)),
        Array.from({ length: 12 - from }, (_, index) => from + index),
      )
    }
  })

  test('a record that a Kafka transaction wrote is no record of a ledger', async (context) => {
    const topic = freshTopic()
    const log = await prepared(context, topic)
    const producer = new kafkajs.Kafka({ brokers: broker.brokers, logLevel: kafkajs.logLevel.NOTHING }).producer({
      transactionalId: topic,
      maxInFlightRequests: 1,
      idempotent: true,
    })
    await producer.connect()
    const transaction = await producer.transaction()
    await transaction.send({ topic, messages: [{ key: 'a', value: 'b' }] })
    await transaction.commit()
    await producer.disconnect()
    const before = await readRecords(log, 0, 0n, 1)
    assert.equal(before[0]?.key, 'a', 'what stands before its mark is read')
    await assert.rejects(readRecords(log, 0, 0n, 2), isLogError('log_mismatch'))
  })

  test('the topic keeps all records for ever', async (context) => {
    const topic = freshTopic()
    await prepared(context, topic)
    const { resources } = await withAdmin((admin) =>
      admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }],
      }),
    )
    const settings = new Map(resources[0]?.configEntries.map((entry) => [entry.configName, entry.configValue]))
    assert.equal(settings.get('retention.ms'), '-1')
    assert.equal(settings.get('retention.bytes'), '-1')
    assert.equal(settings.get('cleanup.policy'), 'delete')
    assert.equal(settings.get('unclean.leader.election.enable'), 'false')
    assert.equal(settings.get('max.message.bytes'), String(16 * 1024 * 1024))
  })

  test('a topic that could lose records does not fit, and the error gives the command that sets it right', async () => {
    const topic = freshTopic()
    await withAdmin((admin) =>
      admin.createTopics({
        waitForLeaders: true,
        topics: [{ topic, numPartitions: 1, configEntries: [{ name: 'retention.ms', value: '604800000' }] }],
      }),
    )
    const log = openLog(topic)
    await assert.rejects(
      log.prepare(1),
      (error) => isLogError('log_mismatch')(error) && /--add-config .*retention\.ms=-1/.test(String(error)),
    )
    await log.close()
  })

  test('a record that was deleted is a truncated log', async (context) => {
    const topic = freshTopic()
    const log = await prepared(context, topic)
    await appendTo(log, 0, numbered(0, 5))
    await withAdmin(async (admin) => {
      await admin.fetchTopicOffsets(topic)
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] })
    })
    await assert.rejects(readRecords(log, 0, 0n, 5), isLogError('log_truncated'))
    assert.equal((await readRecords(log, 0, 2n, 3)).length, 3)
  })

  test('an append above what the topic takes is unknown', async (context) => {
    const log = await prepared(context)
    const appender = await log.openAppender(0)
    const large = { key: 'large', value: new Uint8Array(17 * 1024 * 1024) }
    await assert.rejects(appender.append([large]), isLogError('append_unknown'))
    assert.equal(await log.end(0), 0n)
  })

  test('a log that stays out of reach is unavailable after its time', async () => {
    const log = openKafkaLog({ ...options(freshTopic()), brokers: ['127.0.0.1:1'], unavailableAfterMs: 100 })
    await assert.rejects(readRecords(log, 0, 0n, 1), isLogError('log_unavailable'))
    await assert.rejects(log.openAppender(0), isLogError('log_unavailable'))
    await log.close()
  })
})

function options(topic: string) {
  return { brokers: broker.brokers, topic, clock: systemClock, log: createLogger('test', 'silent') }
}

function openLog(topic: string): EventLog {
  return openKafkaLog(options(topic))
}

function freshTopic(): string {
  return `faults.${systemClock.randomId()}`
}

async function prepared(context: TestContext, topic = freshTopic()): Promise<EventLog> {
  const log = openLog(topic)
  context.after(() => log.close())
  await log.prepare(1)
  return log
}

async function withAdmin<Result>(use: (admin: kafkajs.Admin) => Promise<Result>): Promise<Result> {
  const admin = new kafkajs.Kafka({ brokers: broker.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin()
  await admin.connect()
  return use(admin).finally(() => admin.disconnect())
}

function numbered(from: number, count: number) {
  return Array.from({ length: count }, (_, index) => ({
    key: String(from + index),
    value: new TextEncoder().encode(`{"n":${from + index}}`),
  }))
}

function isLogError(code: LogErrorCode) {
  return (error: unknown) => error instanceof LogError && error.code === code
}
