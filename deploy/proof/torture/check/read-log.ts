import { randomBytes } from 'node:crypto'
import kafkajs from 'kafkajs'
import { Client } from 'pg'

/** One record of the partition, with the very bytes that were appended. */
export type LogRecord = { readonly offset: bigint; readonly value: Buffer }

export type LogPlace =
  | { readonly kind: 'postgres'; readonly url: string }
  | { readonly kind: 'kafka'; readonly brokers: string[]; readonly topic: string }

/** All records of partition 0, in their order. */
export function readLog(place: LogPlace): Promise<readonly LogRecord[]> {
  return place.kind === 'postgres' ? readPostgres(place.url) : readKafka(place.brokers, place.topic)
}

async function readPostgres(connectionString: string): Promise<readonly LogRecord[]> {
  const client = new Client({ connectionString })
  await client.connect()
  const { rows } = await client.query<{ at: string; value: Buffer }>(
    'select "offset"::text as at, value from event_log.records where partition = 0 order by "offset"',
  )
  await client.end()
  return rows.map(({ at, value }) => ({ offset: BigInt(at), value }))
}

async function readKafka(brokers: string[], topic: string): Promise<readonly LogRecord[]> {
  const kafka = new kafkajs.Kafka({ clientId: 'checker', brokers, logLevel: kafkajs.logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  const [partition] = await admin.fetchTopicOffsets(topic)
  await admin.disconnect()
  const end = BigInt(partition?.high ?? 0)
  const records: LogRecord[] = []
  if (end === 0n) return records
  const consumer = kafka.consumer({ groupId: `checker-${randomBytes(6).toString('hex')}` })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  const { promise, resolve } = Promise.withResolvers<void>()
  await consumer.run({
    eachBatch: async ({ batch }) => {
      for (const { offset, value } of batch.messages) {
        if (BigInt(offset) < end && value !== null) records.push({ offset: BigInt(offset), value })
      }
      if (BigInt(batch.lastOffset()) >= end - 1n) resolve()
    },
  })
  await promise
  await consumer.disconnect()
  return records
}
