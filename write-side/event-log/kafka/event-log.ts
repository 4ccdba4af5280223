import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import type { Admin, Kafka } from 'kafkajs'
import { type EventLog, LogError } from '../event-log.ts'
import { createOutage } from '../outage.ts'
import { openKafkaAppender } from './appender.ts'
import { createKafkaClient } from './client.ts'
import { clusterMaker, openFetcher } from './fetcher.ts'
import { createFetcherPool } from './fetcher-pool.ts'
import { readKafka } from './reader.ts'
import { prepareTopic } from './topic.ts'

/** The event log in one Kafka topic, which nothing else writes to. */
export function openKafkaLog(options: KafkaLogOptions): EventLog {
  const { topic, clock, log, requestTimeoutMs = 10_000, unavailableAfterMs = 60_000 } = options
  const kafka = createKafkaClient(options.brokers, requestTimeoutMs, log)
  const admin = lazyAdmin(kafka)
  const createCluster = clusterMaker(kafka)
  const fetchers = createFetcherPool(() => openFetcher(createCluster, topic))
  const closing = new AbortController()
  const background = new Set<Promise<void>>()
  const end = async (partition: number) => endOf(await admin.connected(), topic, partition)

  return {
    technology: 'kafka',
    end,
    prepare: async (partitions) => {
      const { replication = 1, minInSyncReplicas = Math.max(1, replication - 1) } = options
      await prepareTopic(await admin.connected(), { name: topic, replication, minInSyncReplicas }, partitions)
    },
    openAppender: (partition) => openKafkaAppender(kafka, topic, partition, requestTimeoutMs),
    read: (partition, from, readOptions) =>
      readKafka(
        {
          ...{ clock, end, fetchers },
          outage: createOutage({ technology: 'Kafka', unavailableAfterMs, clock, log }),
          inBackground: (work) => {
            const settled: Promise<void> = work
              .catch((error: unknown) => log.debug({ err: error }, 'a reader did not leave Kafka in order'))
              .finally(() => background.delete(settled))
            background.add(settled)
          },
        },
        partition,
        from,
        { ...readOptions, signal: AbortSignal.any([readOptions.signal, closing.signal]) },
      ),
    close: async () => {
      closing.abort()
      // Readers hear of it, and leave what they have to do in the background.
      await clock.turn()
      while (background.size > 0) await Promise.all(background)
      await fetchers.close()
      await admin.disconnect()
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
  /** A reader gives up after this long out of reach. */
  readonly unavailableAfterMs?: number
}

async function endOf(admin: Admin, topic: string, partition: number): Promise<bigint> {
  const offsets = await admin.fetchTopicOffsets(topic)
  const found = offsets.find((offset) => offset.partition === partition)
  if (!found) throw new LogError('log_mismatch', `topic ${topic} has no partition ${partition}: prepare it first`)
  return BigInt(found.high)
}

function lazyAdmin(kafka: Kafka): { connected(): Promise<Admin>; disconnect(): Promise<void> } {
  let connecting: Promise<Admin> | undefined
  return {
    connected: () => {
      connecting ??= (async () => {
        const admin = kafka.admin()
        await admin.connect()
        return admin
      })()
      connecting.catch(() => {
        connecting = undefined
      })
      return connecting
    },
    disconnect: async () => {
      const admin = await connecting?.catch(() => undefined)
      connecting = undefined
      await admin?.disconnect().catch(() => {})
    },
  }
}
