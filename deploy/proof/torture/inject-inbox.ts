import kafkajs from 'kafkajs'
import { Client } from 'pg'
import type { InboxFault } from './draw-faults.ts'
import { healing, type Injected, nobody } from './injected.ts'
import { inboxTopic } from './product.ts'
import type { Scene } from './scene.ts'

/** Takes away what partitions speak to each other by, or all that is in it; healed by giving an empty one back. */
export function injectInbox({ product }: Scene, how: InboxFault): Promise<Injected> {
  const { kafka, partitions } = product
  if (kafka) return injectTopic(kafka.direct, how, partitions)
  return injectTable(product.databaseUrl('log'), how)
}

async function injectTable(connectionString: string, how: InboxFault): Promise<Injected> {
  const client = new Client({ connectionString })
  await client.connect()
  const does = {
    silent: ['begin; lock table event_log.inbox in access exclusive mode', 'rollback'],
    gone: ['alter table event_log.inbox rename to inbox_away', 'alter table event_log.inbox_away rename to inbox'],
    emptied: ['truncate event_log.inbox restart identity', ''],
  } as const satisfies Record<InboxFault, readonly [string, string]>
  const [harm, heal] = does[how]
  await client.query(harm)
  return healing('the inbox', async () => {
    if (heal !== '') await client.query(heal)
    await client.end()
  })
}

async function injectTopic(brokers: readonly string[], how: InboxFault, partitions: number): Promise<Injected> {
  if (how === 'silent') return nobody('a topic cannot be held up without its brokers')
  if (how === 'emptied') {
    await asAdmin(brokers, async (admin) => {
      const offsets = await admin.fetchTopicOffsets(inboxTopic)
      const upTo = offsets.map(({ partition, high }) => ({ partition, offset: high }))
      await admin.deleteTopicRecords({ topic: inboxTopic, partitions: upTo })
    })
    return healing('the inbox', async () => undefined)
  }
  await asAdmin(brokers, (admin) => admin.deleteTopics({ topics: [inboxTopic] }))
  const topic = { topic: inboxTopic, numPartitions: partitions, replicationFactor: 3 }
  // A worker that starts meanwhile makes it itself.
  return healing('the inbox', () => asAdmin(brokers, (admin) => admin.createTopics({ topics: [topic] })))
}

async function asAdmin<Result>(
  brokers: readonly string[],
  work: (admin: kafkajs.Admin) => Promise<Result>,
): Promise<Result> {
  const kafka = new kafkajs.Kafka({ clientId: 'torture', brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}
