import assert from 'node:assert/strict'
import type { Clock } from '@micropay/runtime/clock'
import kafkajs, { type Kafka, type Producer } from 'kafkajs'
import { type Appended, type Appender, LogError, type NewRecord } from '../event-log.ts'
import { appendUnknown, unavailable } from '../outage.ts'

/**
 * Appends to one partition through a producer of its own, each append one Kafka batch. kafkajs neither retries nor
 * deduplicates here (its idempotent producer can swallow a batch after a failed send), so the base offset is the true
 * one; after any error the producer is dead.
 *
 * Kafka does not say what stands in front of an append. A topic that is lost and made again under a producer fails what
 * is on its way, so it is only after a pause that another record may stand there: then it is read.
 */
export async function openKafkaAppender(options: KafkaAppenderOptions): Promise<Appender> {
  const { kafka, topic, partition, requestTimeoutMs, pauseMs = 100, clock, digestAt } = options
  const producer = await connectedProducer(kafka)
  let dead = false
  let answeredMs: number | undefined
  const disconnect = async () => {
    dead = true
    await producer.disconnect().catch(() => {})
  }
  const send = async (records: readonly NewRecord[]): Promise<Appended> => {
    if (dead) throw new Error('this appender is closed')
    const isAfterPause = answeredMs !== undefined && clock.monotonicMs() - answeredMs >= pauseMs
    const [answer] = await producer.send({
      topic,
      acks: -1,
      timeout: requestTimeoutMs,
      messages: records.map(({ key, value }) => ({ key, partition, value: bufferOf(value) })),
    })
    if (answer?.baseOffset === undefined || answer.partition !== partition) throw new Error('the answer has no offset')
    const offset = BigInt(answer.baseOffset)
    const behind = isAfterPause && offset > 0n ? await digestAt(offset - 1n) : undefined
    answeredMs = clock.monotonicMs()
    return { offset, storeMs: storeMsOf(answer.logAppendTime), behind }
  }
  return {
    append: async (records) => {
      assert(records.length > 0, 'an append holds at least one record')
      try {
        return await send(records)
      } catch (cause) {
        void disconnect()
        const isTruncated = cause instanceof LogError && cause.code === 'log_truncated'
        throw isTruncated ? cause : appendUnknown('Kafka', partition, cause)
      }
    },
    close: disconnect,
  }
}

export type KafkaAppenderOptions = {
  readonly kafka: Kafka
  readonly topic: string
  readonly partition: number
  readonly requestTimeoutMs: number
  /** Since the last answer: an append after that long has the record in front of it read. */
  readonly pauseMs?: number | undefined
  readonly clock: Clock
  /** `digestOf` the value of the record at an offset. Throws LogError. */
  readonly digestAt: (offset: bigint) => Promise<string>
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
