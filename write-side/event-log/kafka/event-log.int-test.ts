import { after, before } from 'node:test'
import { type TestKafka, testKafka } from '@micropay/local/stores/test-services'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { describeEventLog } from '../event-log.contract.ts'
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
