import { after, before } from 'node:test'
import { type TestKafka, testKafka } from '@micropay/local/stores/test-services'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import kafkajs from 'kafkajs'
import { describeEventLog } from '../event-log.contract.ts'
import { LogError } from '../event-log.ts'
import { appendTo, readRecords } from '../log-reading.fixture.ts'
import { describeLostLog } from '../lost-log.contract.ts'
import { openKafkaLog } from './event-log.ts'

const log = createLogger('test', 'silent')
let kafka: TestKafka

before(async () => {
  kafka = await testKafka()
})
after(() => kafka.close())

describeEventLog('Kafka', async () => {
  const topic = kafka.name('ledger')
  return () => openKafkaLog({ brokers: kafka.brokers, topic, clock: systemClock, log })
})

/** Deleted and made again: for those who use it the same as one that was restored from an older copy. */
describeLostLog('Kafka', async () => {
  const topic = kafka.name('lost')
  const open = () => openKafkaLog({ brokers: kafka.brokers, topic, clock: systemClock, log, appendPauseMs: 0 })
  return {
    open,
    lose: async (kept) => {
      const again = open()
      try {
        const records = await readRecords(again, 0, 0n, kept)
        const admin = new kafkajs.Kafka({ brokers: kafka.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin()
        await admin.connect()
        await admin.deleteTopics({ topics: [topic] }).finally(() => admin.disconnect())
        await onceHosted(() => again.prepare(1))
        if (kept > 0) await onceHosted(() => appendTo(again, 0, records.slice(0, kept)))
      } finally {
        await again.close()
      }
    },
  }
})

/** A topic that was made again a moment ago is not known to every part of the broker yet. */
async function onceHosted<Result>(work: () => Promise<Result>): Promise<Result> {
  for (const deadline = systemClock.monotonicMs() + 20_000; ; ) {
    try {
      return await work()
    } catch (error) {
      const isTooEarly = error instanceof LogError && /does not host this topic/.test(error.message)
      if (!isTooEarly || systemClock.monotonicMs() > deadline) throw error
      await systemClock.sleep(100)
    }
  }
}
