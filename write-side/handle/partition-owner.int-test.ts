import { after, before } from 'node:test'
import { type TestKafka, testKafka, testPostgres } from '@micropay/deploy/local/test-services'
import { systemClock } from '@micropay/deploy/runtime/clock'
import { createLogger } from '@micropay/deploy/runtime/logger'
import { openKafkaLog } from '../append/kafka/event-log.ts'
import { openPostgresLog } from '../append/postgres/event-log.ts'
import { describePartitionOwner } from './partition-owner.contract.ts'

const log = createLogger('test', 'silent')
const closing: (() => Promise<void>)[] = []
let kafka: TestKafka

before(async () => {
  kafka = await testKafka()
  closing.push(kafka.close)
})
after(async () => {
  for (const close of closing) await close()
})

describePartitionOwner('PostgreSQL', async () => {
  const database = await testPostgres()
  closing.push(database.close)
  const open = () => openPostgresLog({ url: database.url, clock: systemClock, log })
  await prepared(open())
  return open
})

describePartitionOwner('Kafka', async () => {
  const topic = kafka.name('ledger')
  const open = () => openKafkaLog({ brokers: kafka.brokers, topic, clock: systemClock, log })
  await prepared(open())
  return open
})

async function prepared(eventLog: ReturnType<typeof openKafkaLog>): Promise<void> {
  await eventLog.prepare(1)
  await eventLog.close()
}
