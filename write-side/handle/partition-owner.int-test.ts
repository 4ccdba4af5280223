import { after, before } from 'node:test'
import type { EventLog } from '@micropay/event-log/event-log'
import { openEventStoreLog } from '@micropay/event-log/eventstoredb/event-log'
import { startTestServer } from '@micropay/event-log/eventstoredb/server.fixture'
import { openKafkaLog } from '@micropay/event-log/kafka/event-log'
import { openPostgresLog } from '@micropay/event-log/postgres/event-log'
import { type TestKafka, testKafka, testPostgres } from '@micropay/local/stores/test-services'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
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

describePartitionOwner('EventStoreDB (a test server of its protocol)', async () => {
  const server = await startTestServer()
  closing.push(server.close)
  const open = () => openEventStoreLog({ url: server.url, prefix: 'owner', clock: systemClock, log })
  await prepared(open())
  return open
})

async function prepared(eventLog: EventLog): Promise<void> {
  await eventLog.prepare(1)
  await eventLog.close()
}
