import assert from 'node:assert/strict'
import kafkajs, { type Kafka, type Producer } from 'kafkajs'
import type { Appended, Appender, NewRecord } from '../event-log.ts'
import { appendUnknown, unavailable } from '../outage.ts'

/**
 * Appends to one partition through a producer of its own, each append one Kafka batch. kafkajs neither retries nor
 * deduplicates here (its idempotent producer can swallow a batch after a failed send), so the base offset is the true
 * one; after any error the producer is dead.
 */
export async function openKafkaAppender(
  kafka: Kafka,
  topic: string,
  partition: number,
  requestTimeoutMs: number,
): Promise<Appender> {
  const producer = await connectedProducer(kafka)
  let dead = false
  const disconnect = async () => {
    dead = true
    await producer.disconnect().catch(() => {})
  }
  const send = async (records: readonly NewRecord[]): Promise<Appended> => {
    if (dead) throw new Error('this appender is closed')
    const [answer] = await producer.send({
      topic,
      acks: -1,
      timeout: requestTimeoutMs,
      messages: records.map(({ key, value }) => ({ key, partition, value: bufferOf(value) })),
    })
    if (answer?.baseOffset === undefined || answer.partition !== partition) throw new Error('the answer has no offset')
    return { offset: BigInt(answer.baseOffset), storeMs: storeMsOf(answer.logAppendTime) }
  }
  return {
    append: async (records) => {
      assert(records.length > 0, 'an append holds at least one record')
      try {
        return await send(records)
      } catch (cause) {
        void disconnect()
        throw appendUnknown('Kafka', partition, cause)
      }
    },
    close: disconnect,
  }
}

/** Each attempt asks a broker by chance: one that stands still is no reason to give up. */
async function connectedProducer(kafka: Kafka): Promise<Producer> {
  for (let attempt = 1; ; attempt += 1) {
    const producer = kafka.producer({
      idempotent: false,
      maxInFlightRequests: 1,
      retry: { retries: 0 },
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
    })
    try {
      await producer.connect()
      return producer
    } catch (cause) {
      await producer.disconnect().catch(() => {})
      if (attempt === CONNECT_ATTEMPTS) throw unavailable('Kafka', cause)
    }
  }
}

const CONNECT_ATTEMPTS = 3

/** -1 where the topic keeps the times that producers give: then the broker's clock is not told. */
function storeMsOf(logAppendTime: string | undefined): number | undefined {
  const storeMs = Number(logAppendTime ?? -1)
  return storeMs < 0 ? undefined : storeMs
}

/** The same bytes as the Buffer that kafkajs wants, without a copy. */
export function bufferOf(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}
