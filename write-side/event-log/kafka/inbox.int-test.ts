import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type TestKafka, testKafka } from '@micropay/local/stores/test-services'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import kafkajs, { type Admin } from 'kafkajs'
import { describeInbox, message, prepared, read, textsOf } from '../inbox.contract.ts'
import { openKafkaInbox } from './inbox.ts'

const log = createLogger('test', process.env.LOG_LEVEL ?? 'silent')
let kafka: TestKafka

before(async () => {
  kafka = await testKafka()
})
after(() => kafka.close())

describeInbox('Kafka', async () => opener())

describe('the inbox on Kafka', { timeout: 60_000 }, () => {
  test('its topic keeps messages for an hour', async (context) => {
    const topic = kafka.name('inbox')
    await prepared(context, opener(topic), 1)
    const settings = await withAdmin(async (admin) => {
      const resource = {
        type: kafkajs.ConfigResourceTypes.TOPIC,
        name: topic,
        configNames: ['retention.ms', 'segment.ms'],
      }
      const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] })
      return resources.flatMap(({ configEntries }) => configEntries.map(({ configValue }) => Number(configValue)))
    })
    assert.deepEqual(
      settings.toSorted((one, other) => one - other),
      [1_800_000, 3_600_000],
    )
  })

  test('a topic that was deleted and made anew is read from its beginning on', async (context) => {
    const topic = kafka.name('inbox')
    const inbox = await prepared(context, opener(topic), 1)
    const reader = read(context, inbox, 0)
    for (const text of ['one', 'two', 'three']) await inbox.send([message(0, text)])
    await reader.take(3)
    await withAdmin((admin) => admin.deleteTopics({ topics: [topic] }))
    await untilDone(() => inbox.prepare(1))
    await untilDone(() => inbox.send([message(0, 'after')]))
    assert.deepEqual(textsOf(await reader.take(1)), ['after'])
  })

  test('what cannot be read in a topic is passed over', async (context) => {
    const topic = kafka.name('inbox')
    const inbox = await prepared(context, opener(topic), 1)
    const troubled = Promise.withResolvers<Error>()
    const reader = read(context, inbox, 0, troubled.resolve)
    const client = new kafkajs.Kafka({ brokers: kafka.brokers, logLevel: kafkajs.logLevel.NOTHING })
    const producer = client.producer({ transactionalId: topic, idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    context.after(() => producer.disconnect())
    const transaction = await producer.transaction()
    await transaction.send({ topic, messages: [{ partition: 0, value: 'strange' }] })
    await transaction.commit()
    assert.match((await troubled.promise).message, /transaction/)
    for (let texts = ['']; texts.at(-1) !== 'after'; texts = textsOf(await reader.take(1))) {
      await inbox.send([message(0, 'after')])
      await systemClock.sleep(100)
    }
  })
})

function opener(topic = kafka.name('inbox')) {
  return () => openKafkaInbox({ brokers: kafka.brokers, topic, clock: systemClock, log })
}

async function withAdmin<Result>(work: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = new kafkajs.Kafka({ brokers: kafka.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin()
  await admin.connect()
  return work(admin).finally(() => admin.disconnect())
}

/** A topic that was made again a moment ago is not known to every part of the broker yet. */
async function untilDone(work: () => Promise<void>): Promise<void> {
  for (const giveUpMs = systemClock.monotonicMs() + 20_000; ; await systemClock.sleep(100)) {
    try {
      return await work()
    } catch (error) {
      if (systemClock.monotonicMs() > giveUpMs) throw error
    }
  }
}
