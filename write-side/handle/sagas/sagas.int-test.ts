import { after, before } from 'node:test'
import { openKafkaLog } from '@micropay/event-log/kafka/event-log'
import { openKafkaInbox } from '@micropay/event-log/kafka/inbox'
import { openPostgresLog } from '@micropay/event-log/postgres/event-log'
import { openPostgresInbox } from '@micropay/event-log/postgres/inbox'
import { type TestKafka, testKafka, testPostgres } from '@micropay/local/stores/test-services'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { describeSagas } from './sagas.contract.ts'

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

describeSagas('PostgreSQL', async (partitions) => {
  const { url, close } = await testPostgres()
  closing.push(close)
  const options = { url, clock: systemClock, log }
  const [first, inbox] = [openPostgresLog(options), openPostgresInbox(options)]
  await first.prepare(partitions)
  await inbox.prepare(partitions)
  await Promise.all([first.close(), inbox.close()])
  return () => ({ log: openPostgresLog(options), inbox: openPostgresInbox(options) })
})

describeSagas('Kafka', async (partitions) => {
  const topic = kafka.name('ledger')
  const options = { brokers: kafka.brokers, clock: systemClock, log }
  const open = () => ({
    log: openKafkaLog({ ...options, topic }),
    inbox: openKafkaInbox({ ...options, topic: `${topic}.inbox` }),
  })
  const first = open()
  await first.log.prepare(partitions)
  await first.inbox.prepare(partitions)
  await Promise.all([first.log.close(), first.inbox.close()])
  return open
})
