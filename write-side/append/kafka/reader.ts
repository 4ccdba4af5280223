import type { Clock } from '@micropay/deploy/runtime/clock'
import kafkajs, {
  type Consumer,
  type EachBatchPayload,
  type Kafka,
  type KafkaMessage,
  type PartitionAssigner,
} from 'kafkajs'
import { LogError, type LogRecord, type ReadOptions } from '../event-log.ts'
import type { Outage } from '../outage.ts'
import { type BatchQueue, createBatchQueue } from './batch-queue.ts'

/**
 * Reads one partition as the only member of a consumer group that no one else knows, which commits no offsets: kafkajs has no
 * manual assignment. A consumer that crashed is replaced by a new one that goes on behind the last record that was queued.
 */
export async function* readKafka(
  source: KafkaSource,
  partition: number,
  from: bigint,
  { signal, maxRecords = DEFAULT_MAX_RECORDS }: ReadOptions,
): AsyncGenerator<readonly LogRecord[]> {
  const left = new AbortController()
  const ended = AbortSignal.any([signal, left.signal])
  const tail: Tail = {
    source,
    partition,
    maxRecords,
    next: from,
    queue: createBatchQueue<readonly LogRecord[]>(QUEUE_BATCHES, source.clock, ended),
    ended,
  }
  source.inBackground(feed(tail))
  try {
    yield* tail.queue.drain()
  } finally {
    left.abort()
  }
}

export type KafkaSource = {
  readonly kafka: Kafka
  readonly topic: string
  readonly clock: Clock
  readonly outage: Outage
  readonly end: (partition: number) => Promise<bigint>
  readonly deleteGroup: (groupId: string) => Promise<void>
  /** Takes over work that goes on after the reader has ended; the log's close() waits for it. */
  readonly inBackground: (work: Promise<void>) => void
}

type Tail = {
  readonly source: KafkaSource
  readonly partition: number
  readonly maxRecords: number
  readonly queue: BatchQueue<readonly LogRecord[]>
  readonly ended: AbortSignal
  /** The offset behind the last record that was queued. */
  next: bigint
}

const DEFAULT_MAX_RECORDS = 500
const QUEUE_BATCHES = 8
const HEARTBEAT_MS = 1_000

/** How long a fetch waits for records at the end of the log; an ended consumer takes as long to leave. */
const FETCH_WAIT_MS = 500
/** A fetch is decoded at once: larger ones outlive the young generation, and cost more to collect than they save in requests. */
const FETCH_BYTES = 1024 * 1024

async function feed(tail: Tail): Promise<void> {
  try {
    while (!tail.ended.aborted) {
      const cause = await consume(tail).catch((error: unknown) => error)
      if (tail.ended.aborted) return
      if (cause instanceof LogError) throw cause
      await tail.source.outage.waitAfter(cause, tail.ended)
    }
  } catch (error) {
    tail.queue.fail(error)
  }
}

/** Runs one consumer until it crashes (and resolves with the reason) or until nobody reads any more. */
async function consume(tail: Tail): Promise<unknown> {
  const { source, partition, ended } = tail
  await checkReach(tail)
  const groupId = `${source.topic}.reader.${source.clock.randomId()}`
  const consumer = createConsumer(source, partition, groupId)
  const crash = Promise.withResolvers<unknown>()
  const stop = () => crash.resolve(undefined)
  ended.addEventListener('abort', stop)
  consumer.on(consumer.events.CRASH, ({ payload }) => crash.resolve(payload.error))
  // Each join, the first and any later one, makes kafkajs forget where it was.
  consumer.on(consumer.events.GROUP_JOIN, () => {
    source.outage.ended()
    consumer.seek({ topic: source.topic, partition, offset: String(tail.next) })
  })
  try {
    await consumer.connect()
    await consumer.subscribe({ topic: source.topic, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => queueBatch(tail, payload, crash.resolve),
    })
    if (ended.aborted) stop()
    return await crash.promise
  } finally {
    ended.removeEventListener('abort', stop)
    source.inBackground(leave(source, consumer, groupId))
  }
}

/** Kafka itself would answer an offset behind the end by starting over somewhere else. */
async function checkReach({ source, partition, next }: Tail): Promise<void> {
  const end = await source.end(partition)
  if (end < next) throw new LogError('log_truncated', `partition ${partition} ends at offset ${end}, before ${next}`)
}

function createConsumer({ kafka, topic }: KafkaSource, partition: number, groupId: string): Consumer {
  return kafka.consumer({
    groupId,
    partitionAssigners: [takeOnly(topic, partition)],
    allowAutoTopicCreation: false,
    readUncommitted: true,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    maxBytesPerPartition: FETCH_BYTES,
    retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000, restartOnFailure: async () => false },
  })
}

async function queueBatch(
  tail: Tail,
  { batch, heartbeat, resolveOffset, isRunning, isStale }: EachBatchPayload,
  crash: (cause: unknown) => void,
): Promise<void> {
  for (let index = 0; index < batch.messages.length; index += tail.maxRecords) {
    const records = batch.messages.slice(index, index + tail.maxRecords).map(recordOf)
    while (!(await tail.queue.waitForRoom(HEARTBEAT_MS))) await heartbeat()
    if (tail.ended.aborted || !isRunning() || isStale()) return
    for (const record of records) {
      if (record.offset !== tail.next) {
        const reason = `partition ${tail.partition} has no record at offset ${tail.next}, but one at ${record.offset}`
        return crash(new LogError('log_truncated', reason))
      }
      tail.next += 1n
    }
    tail.queue.push(records)
    resolveOffset(String(tail.next - 1n))
    await heartbeat()
  }
}

function recordOf({ offset, key, value }: KafkaMessage): LogRecord {
  return { offset: BigInt(offset), key: key?.toString('utf8') ?? '', value: value ?? new Uint8Array() }
}

async function leave(source: KafkaSource, consumer: Consumer, groupId: string): Promise<void> {
  await consumer.disconnect()
  await source.deleteGroup(groupId)
}

function takeOnly(topic: string, partition: number): PartitionAssigner {
  const name = `micropay-only-${partition}`
  return () => ({
    name,
    version: 1,
    protocol: ({ topics }) => ({
      name,
      metadata: kafkajs.AssignerProtocol.MemberMetadata.encode({ version: 1, topics, userData: Buffer.alloc(0) }),
    }),
    assign: async ({ members }) =>
      members.map(({ memberId }) => ({
        memberId,
        memberAssignment: kafkajs.AssignerProtocol.MemberAssignment.encode({
          version: 1,
          assignment: { [topic]: [partition] },
          userData: Buffer.alloc(0),
        }),
      })),
  })
}
