import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Kafka, logLevel } from 'kafkajs'
import { startKafkaBroker } from './kafka-broker.ts'

const largeBatchBytes = 12 << 20

async function appendOne(brokers: string[]): Promise<string | undefined> {
  const producer = new Kafka({ brokers, logLevel: logLevel.NOTHING }).producer()
  await producer.connect()
  const value = Buffer.alloc(largeBatchBytes, 'x')
  const [answer] = await producer
    .send({ topic: 'kept', acks: -1, messages: [{ partition: 0, value }] })
    .finally(() => producer.disconnect())
  return answer?.baseOffset
}

async function createTopic(brokers: string[]): Promise<void> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { retries: 0 } }).admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: 'kept' }] }).finally(() => admin.disconnect())
}

test('a broker takes batches of 12 MB and keeps its log through kill -9 and through a stop', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'micropay-kafka-'))
  let broker = await startKafkaBroker({ directory })
  try {
    await createTopic(broker.brokers)
    assert.equal(await appendOne(broker.brokers), '0')
    await broker.kill()
    await assert.rejects(createTopic(broker.brokers))

    broker = await startKafkaBroker({ directory })
    assert.equal(await appendOne(broker.brokers), '1')
    await broker.stop()

    broker = await startKafkaBroker({ directory })
    assert.equal(await appendOne(broker.brokers), '2')
    const port = Number(broker.brokers[0]?.split(':')[1])
    const other = join(directory, 'other')
    await assert.rejects(startKafkaBroker({ directory: other, port }), /Port \d+ is in use.*another port/)
  } finally {
    await broker.stop()
    await rm(directory, { recursive: true, force: true })
  }
})
