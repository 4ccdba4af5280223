import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { digestOf, type EventLog, LogError } from '../event-log.ts'
import { createOutage, type Outage } from '../outage.ts'
import { openKafkaAppender } from './appender.ts'
import { clusterMaker, createKafkaClient, withAdmin } from './client.ts'
import { openLeaders } from './leaders.ts'
import { type KafkaSource, readKafka } from './reader.ts'
import type { KafkaSecurity } from './security.ts'
import { countPartitions, prepareTopic } from './topic.ts'

/**
 * The event log in one Kafka topic, which nothing else writes to. However many partitions a process reads and appends
 * to, it has fourteen connections at most to each broker, and another while it asks who leads which partition.
 */
export function openKafkaLog(options: KafkaLogOptions): EventLog {
  const { topic, clock, log, brokers, requestTimeoutMs = 10_000, silentMs = 5_000, security } = options
  const { unavailableAfterMs = 60_000 } = options
  const { feed, endOf, fetcherOf, append, renew, close } = openLeaders({
    brokers,
    topic,
    clock,
    requestTimeoutMs,
    silentMs,
    security,
  })
  const closing = new AbortController()
  const patience = (mostMs: number) => createOutage({ technology: 'Kafka', unavailableAfterMs: mostMs, clock, log })
  const end = (partition: number) =>
    untilTold(() => endOf(partition), patience(Math.min(unavailableAfterMs, END_WITHIN_MS)), closing.signal)
  const source = {
    ...{ clock, end },
    open: (partition: number, until: bigint | undefined) =>
      until === undefined ? feed.join(partition) : fetcherOf(partition),
  }

  const client = () => createKafkaClient({ brokers, requestTimeoutMs, silentMs, security, clock, log })
  return {
    technology: 'kafka',
    end,
    prepare: async (partitions) => {
      const { replication = 1, minInSyncReplicas = Math.max(1, replication - 1) } = options
      const kafka = client()
      const access = { createCluster: clusterMaker(kafka), clock, log }
      await withAdmin(kafka, (admin) =>
        prepareTopic({ ...access, admin }, { name: topic, replication, minInSyncReplicas }, partitions),
      )
      // A leader that was just named may not know of it yet, and would refuse the first append.
      await Promise.all(Array.from({ length: partitions }, (_, partition) => end(partition)))
    },
    partitions: () => withAdmin(client(), (admin) => countPartitions(admin, topic)),
    openAppender: (partition) =>
      openKafkaAppender({
        ...{ atLeader: append, renew, topic, partition, requestTimeoutMs, pauseMs: options.appendPauseMs, clock },
        digestAt: (at) => digestAt({ ...source, outage: patience(requestTimeoutMs) }, partition, at, closing.signal),
      }),
    read: (partition, from, readOptions) =>
      readKafka({ ...source, outage: patience(unavailableAfterMs) }, partition, from, {
        ...readOptions,
        signal: AbortSignal.any([readOptions.signal, closing.signal]),
      }),
    close: async () => {
      closing.abort()
      // Readers hear of it first.
      await clock.turn()
      close()
    },
  }
}

export type KafkaLogOptions = {
  readonly brokers: readonly string[]
  readonly security?: KafkaSecurity | undefined
  readonly topic: string
  readonly clock: Clock
  readonly log: Logger
  /** Copies of each record: 3 in production. */
  readonly replication?: number
  /** How many of them must hold a record before it is acknowledged: one fewer than there are, unless said. */
  readonly minInSyncReplicas?: number
  readonly requestTimeoutMs?: number
  /** A connection is given up that owes an answer and brings nothing for so long: readers go on with another. */
  readonly silentMs?: number
  /** An append after a pause of so long has the record in front of it read: 0.1 s, unless said. */
  readonly appendPauseMs?: number
  /** A reader gives up after this long out of reach. */
  readonly unavailableAfterMs?: number
}

/** Whoever asks where the log ends is about to serve, or to check: they rather hear that it is not known. */
const END_WITHIN_MS = 15_000

async function untilTold(ask: () => Promise<bigint>, outage: Outage, signal: AbortSignal): Promise<bigint> {
  for (;;) {
    try {
      return await ask()
    } catch (cause) {
      if (cause instanceof LogError) throw cause
      await outage.waitAfter(cause, signal)
    }
  }
}

async function digestAt(source: KafkaSource, partition: number, at: bigint, signal: AbortSignal): Promise<string> {
  for await (const [record] of readKafka(source, partition, at, { signal, until: at + 1n })) {
    if (record) return digestOf(record.value)
  }
  throw new LogError('log_unavailable', 'the log was closed')
}
