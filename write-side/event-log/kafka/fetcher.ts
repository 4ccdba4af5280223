import type { Cluster, Kafka } from 'kafkajs'
import fetchRequest from 'kafkajs/src/protocol/requests/fetch/v11/request.js'
import { LogError, type LogRecord } from '../event-log.ts'
import { connectionsOf } from './broker-connections.ts'
import { readFetchAnswer, throwFailed } from './fetch-answer.ts'
import { readRecordBatches } from './record-batches.ts'

/**
 * Fetches from the leader of a partition what stands from an offset on. kafkajs offers that to members of consumer
 * groups alone, and a reader of one partition wants no group: joining one takes longer than most reads, and leaves
 * something behind at the broker. So this is a client of kafkajs's own cluster, as its consumers are:
 * https://kafka.apache.org/protocol#The_Messages_Fetch
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
  const leaderOf = async (partition: number): Promise<string> => {
    await cluster.refreshMetadataIfNecessary()
    const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]))
    if (nodeId !== undefined) return nodeId
    throw new LogError('log_mismatch', `topic ${topic} has no partition ${partition}: prepare it first`)
  }
  return {
    async end(partition) {
      await leaderOf(partition)
      const wanted = { topic, partitions: [{ partition }], fromBeginning: false }
      const offset = (await cluster.fetchTopicsOffset([wanted]))[0]?.partitions[0]?.offset
      if (offset === undefined) throw new Error(`the broker did not say where partition ${partition} ends`)
      return BigInt(offset)
    },
    async fetch(partition, from, maxBytes) {
      const broker = await cluster.findBroker({ nodeId: await leaderOf(partition) })
      const wanted = { partition, fetchOffset: String(from), maxBytes }
      const { highWatermark, recordSet } = await connectionsOf(broker).send({
        request: fetchRequest({
          replicaId: A_CONSUMER,
          isolationLevel: READ_UNCOMMITTED,
          maxWaitTime: WAIT_MS,
          minBytes: 1,
          maxBytes,
          topics: [{ topic, partitions: [wanted] }],
        }),
        requestTimeout: WHOLE_ANSWER_MS,
        response: { decode: async (payload) => readFetchAnswer(payload), parse: async (answer) => throwFailed(answer) },
      })
      const { records, controlAt } = readRecordBatches(recordSet, from)
      // What stands before the mark is handed out first: whoever reads stops at the mark itself.
      if (controlAt !== undefined && records.length === 0) {
        const reason = `offset ${controlAt} marks the end of a Kafka transaction: nothing else may write to the ledger's topic`
        throw new LogError('log_mismatch', reason)
      }
      return { records, end: highWatermark ?? from }
    },
    close: () => cluster.disconnect(),
  }
}

export type Fetcher = {
  /** The offset behind the last record. Throws what kafkajs throws. */
  end(partition: number): Promise<bigint>
  /**
   * Some of the records from that offset on, and the offset behind the last that there is, or `from` where the broker
   * does not say. At the end it waits for half a second, and then answers none. Answers one batch of the topic at
   * least, however many bytes that has. Throws what kafkajs throws.
   */
  fetch(partition: number, from: bigint, maxBytes: number): Promise<Fetched>
  close(): Promise<void>
}

export type Fetched = { readonly records: readonly LogRecord[]; readonly end: bigint }

const READ_UNCOMMITTED = 0
const WAIT_MS = 500
/** A large answer may come slowly; what does not come at all ends sooner, with its connection. */
const WHOLE_ANSWER_MS = 60_000

const A_CONSUMER = -1

/**
 * Makes the typed client behind every kafkajs consumer and producer, with this client's brokers, retries and log.
 * kafkajs keeps its maker private: a version without it fails here, before anything is read.
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
