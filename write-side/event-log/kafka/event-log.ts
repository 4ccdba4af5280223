import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import type { Admin, Kafka } from 'kafkajs'
import { digestOf, type EventLog, LogError } from '../event-log.ts'
import { createOutage, unavailable } from '../outage.ts'
import { openKafkaAppender } from './appender.ts'
import { createKafkaClient } from './client.ts'
import { clusterMaker, type Fetcher, openFetcher } from './fetcher.ts'
import { createFetcherPool } from './fetcher-pool.ts'
import { type KafkaSource, readKafka } from './reader.ts'
import { prepareTopic } from './topic.ts'

/** The event log in one Kafka topic, which nothing else writes to. */
export function openKafkaLog(options: KafkaLogOptions): EventLog {
  const { topic, clock, log, brokers, requestTimeoutMs = 10_000, silentMs = 5_000 } = options
  const { unavailableAfterMs = 60_000 } = options
  const reading = createKafkaClient({ brokers, requestTimeoutMs, silentMs, clock, log })
  // An append may be answered only when all replicas have it, or its own time is over.
  const appending = createKafkaClient({ brokers, requestTimeoutMs, silentMs: requestTimeoutMs + 1_000, clock, log })
  const createCluster = clusterMaker(reading)
  const fetchers = createFetcherPool(() => openFetcher(createCluster, topic))
  const closing = new AbortController()
  const background = new Set<Promise<void>>()
  const inBackground = (work: Promise<void>) => {
    const settled: Promise<void> = work
      .catch((error: unknown) => log.debug({ err: error }, 'a connection to Kafka was not left in order'))
      .finally(() => background.delete(settled))
    background.add(settled)
  }
  const patience = (mostMs: number) => createOutage({ technology: 'Kafka', unavailableAfterMs: mostMs, clock, log })
  const source = { clock, fetchers, inBackground }
  const end = (partition: number) =>
    endOf({ ...source, outage: patience(Math.min(unavailableAfterMs, END_WITHIN_MS)) }, partition, closing.signal)

  return {
    technology: 'kafka',
    end,
    prepare: async (partitions) => {
      const { replication = 1, minInSyncReplicas = Math.max(1, replication - 1) } = options
      await withAdmin(reading, (admin) =>
        prepareTopic({ admin, createCluster, clock, log }, { name: topic, replication, minInSyncReplicas }, partitions),
      )
      // A leader that was just named may not know of it yet, and would refuse the first append.
      await Promise.all(Array.from({ length: partitions }, (_, partition) => end(partition)))
    },
    openAppender: (partition) =>
      openKafkaAppender({
        ...{ kafka: appending, topic, partition, requestTimeoutMs, pauseMs: options.appendPauseMs, clock },
        digestAt: (at) =>
          digestAt({ ...source, end, outage: patience(requestTimeoutMs) }, partition, at, closing.signal),
      }),
    read: (partition, from, readOptions) =>
      readKafka({ ...source, end, outage: patience(unavailableAfterMs) }, partition, from, {
        ...readOptions,
        signal: AbortSignal.any([readOptions.signal, closing.signal]),
      }),
    close: async () => {
      closing.abort()
      // Readers hear of it, and leave what they have to do in the background.
      await clock.turn()
      while (background.size > 0) await Promise.all(background)
      await fetchers.close()
    },
  }
}

export type KafkaLogOptions = {
  readonly brokers: readonly string[]
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

async function endOf(
  { fetchers, outage, inBackground }: Pick<KafkaSource, 'fetchers' | 'outage' | 'inBackground'>,
  partition: number,
  signal: AbortSignal,
): Promise<bigint> {
  for (;;) {
    let fetcher: Fetcher | undefined
    try {
      fetcher = await fetchers.take()
      const end = await fetcher.end(partition)
      await fetchers.giveBack(fetcher)
      return end
    } catch (cause) {
      if (fetcher) inBackground(fetchers.drop(fetcher))
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

/** Each use has a connection of its own: one that is kept may have died since. */
async function withAdmin(kafka: Kafka, use: (admin: Admin) => Promise<void>): Promise<void> {
  const admin = kafka.admin()
  try {
    await admin.connect()
    await use(admin)
  } catch (cause) {
    throw unavailable('Kafka', cause)
  } finally {
    await admin.disconnect().catch(() => {})
  }
}
