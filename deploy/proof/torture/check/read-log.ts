import { randomBytes } from 'node:crypto'
import kafkajs from 'kafkajs'
import { Client } from 'pg'

/** One record of a partition, with the very bytes that were appended. */
export type LogRecord = { readonly offset: bigint; readonly value: Buffer }

export type LogPlace =
  | { readonly kind: 'postgres'; readonly url: string }
  | { readonly kind: 'kafka'; readonly brokers: string[]; readonly topic: string }

/** All records of each partition, in their order. */
export function readLog(place: LogPlace): Promise<readonly (readonly LogRecord[])[]> {
  return place.kind === 'postgres' ? readPostgres(place.url) : readKafka(place.brokers, place.topic)
}

async function readPostgres(connectionString: string): Promise<readonly (readonly LogRecord[])[]> {
  const client = new Client({ connectionString })
  await client.connect()
  const { rows } = await client.query<{ partition: number; at: string; value: Buffer }>(
    'select partition, "offset"::text as at, value from event_log.records order by partition, "offset"',
  )
  await client.end()
  const all: LogRecord[][] = []
  for (const { partition, at, value } of rows) {
    while (all.length <= partition) all.push([])
    all[partition]?.push({ offset: BigInt(at), value })
  }
  return all
}

async function readKafka(brokers: string[], topic: string): Promise<readonly (readonly LogRecord[])[]> {
  const kafka = new kafkajs.Kafka({ clientId: 'checker', brokers, logLevel: kafkajs.logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  const offsets = await admin.fetchTopicOffsets(topic)
  await admin.disconnect()
  const ends = new Map(offsets.map(({ partition, high }) => [partition, BigInt(high)]))
  const all: LogRecord[][] = offsets.map(() => [])
  const left = new Set([...ends].flatMap(([partition, end]) => (end === 0n ? [] : [partition])))
  if (left.size === 0) return all
  const consumer = kafka.consumer({ groupId: `checker-${randomBytes(6).toString('hex')}` })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  const { promise, resolve } = Promise.withResolvers<void>()
  await consumer.run({
    eachBatch: async ({ batch }) => {
      const end = ends.get(batch.partition) ?? 0n
      for (const { offset, value } of batch.messages) {
        if (BigInt(offset) < end && value !== null) all[batch.partition]?.push({ offset: BigInt(offset), value })
      }
      if (BigInt(batch.lastOffset()) >= end - 1n) left.delete(batch.partition)
      if (left.size === 0) resolve()
    },
  })
  await promise
  await consumer.disconnect()
  return all
}
