import type { Cluster, Kafka, KafkaMessage } from 'kafkajs'
import { LogError, type LogRecord } from '../event-log.ts'

/**
 * Fetches from the leader of a partition what stands from an offset on. kafkajs offers that to members of consumer groups alone, and a reader of
 * one partition wants no group: joining one takes longer than most reads, and leaves something behind at the broker. So this is a client of
 * kafkajs's own cluster, as its consumers are: https://kafka.apache.org/protocol#The_Messages_Fetch
 */
export async function openFetcher(createCluster: () => Cluster, topic: string): Promise<Fetcher> {
  const cluster = createCluster()
  try {
    await cluster.connect()
    await cluster.addTargetTopic(topic)
  } catch (error) {
    await cluster.disconnect()
    throw error
  }
  return {
    async fetch(partition, from, maxBytes) {
      await cluster.refreshMetadataIfNecessary()
      const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]))
      if (nodeId === undefined) {
        throw new LogError('log_mismatch', `topic ${topic} has no partition ${partition}: prepare it first`)
      }
      const broker = await cluster.findBroker({ nodeId })
      const answer: FetchAnswer = await broker.fetch({
        isolationLevel: READ_UNCOMMITTED,
        maxWaitTime: WAIT_MS,
        minBytes: 1,
        maxBytes,
        topics: [{ topic, partitions: [{ partition, fetchOffset: String(from), maxBytes }] }],
      })
      const fetched = answer.responses[0]?.partitions[0]
      // A batch is answered whole, with what stands in it before that offset.
      const first = fetched?.messages.findIndex(({ offset }) => BigInt(offset) >= from) ?? -1
      const messages = first === -1 ? [] : (fetched?.messages.slice(first) ?? [])
      return { records: untilControlRecord(messages).map(recordOf), end: BigInt(fetched?.highWatermark ?? from) }
    },
    close: () => cluster.disconnect(),
  }
}

export type Fetcher = {
  /**
   * Some of the records from that offset on, and the offset behind the last that there is. At the end it waits for half a second, and then answers
   * none. Answers one batch of the topic at least, however many bytes that has. Throws what kafkajs throws.
   */
  fetch(partition: number, from: bigint, maxBytes: number): Promise<Fetched>
  close(): Promise<void>
}

export type Fetched = { readonly records: readonly LogRecord[]; readonly end: bigint }

const READ_UNCOMMITTED = 0
const WAIT_MS = 500

/** What kafkajs makes of a fetch's answer; its types leave that open. */
type FetchAnswer = {
  readonly responses: readonly {
    readonly partitions: readonly { readonly highWatermark: string; readonly messages: readonly FetchedMessage[] }[]
  }[]
}

type FetchedMessage = KafkaMessage & { readonly isControlRecord: boolean }

/** What stands before the mark of a Kafka transaction is handed out first: whoever reads stops at the mark itself. */
function untilControlRecord(messages: readonly FetchedMessage[]): readonly FetchedMessage[] {
  const marked = messages.findIndex(({ isControlRecord }) => isControlRecord)
  if (marked === 0) {
    const reason = `offset ${messages[0]?.offset} marks the end of a Kafka transaction: nothing else may write to the ledger's topic`
    throw new LogError('log_mismatch', reason)
  }
  return marked === -1 ? messages : messages.slice(0, marked)
}

function recordOf({ offset, key, value }: FetchedMessage): LogRecord {
  return {
    offset: BigInt(offset),
    // Hardly anybody asks for it, and to decode it takes a tenth of what reading a record does.
    get key() {
      return key?.toString('utf8') ?? ''
    },
    value: value ?? new Uint8Array(),
  }
}

/**
 * Makes the typed client behind every kafkajs consumer and producer, with this client's brokers, retries and log. kafkajs keeps its maker private: a
 * version without it fails here, before anything is read.
 */
export function clusterMaker(kafka: Kafka): () => Cluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === CREATE_CLUSTER)
  const create: unknown = symbol && Reflect.get(kafka, symbol)
  if (typeof create !== 'function') throw new Error(`this version of kafkajs has no ${CREATE_CLUSTER}`)
  const options = {
    metadataMaxAge: METADATA_MAX_AGE_MS,
    allowAutoTopicCreation: false,
    isolationLevel: READ_UNCOMMITTED,
  }
  return () => create(options)
}

const CREATE_CLUSTER = 'private:Kafka:createCluster'
const METADATA_MAX_AGE_MS = 300_000
