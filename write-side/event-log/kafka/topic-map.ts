import protocol from 'kafkajs/src/protocol/error.js'
import metadataRequest from 'kafkajs/src/protocol/requests/metadata/v5/request.js'
import metadataResponse from 'kafkajs/src/protocol/requests/metadata/v5/response.js'
import { LogError } from '../event-log.ts'
import type { BrokerConnection } from './broker-connection.ts'
import type { BrokerAddress } from './broker-socket.ts'

/**
 * Which broker leads which partition, for all of a process. It is asked for when it is needed first, and whenever it
 * led astray: until there is a new answer the old one stands, so that one partition without a leader disturbs no other.
 */
export type TopicMap = {
  /**
   * Throws LogError `log_mismatch` for a partition that the topic has not, and other errors where no broker answers, or
   * the partition has no leader at the moment.
   */
  leaderOf(partition: number): Promise<BrokerAddress>
  /** What the map says has failed: it is asked for anew. Resolves when it was, or cannot be; nobody has to wait. */
  doubt(): Promise<void>
}

export type TopicLeaders = {
  readonly brokers: readonly BrokerAddress[]
  /** Undefined where a partition has none. */
  readonly byPartition: ReadonlyMap<number, BrokerAddress | undefined>
}

/** `first` are the brokers to ask first. */
export function openTopicMap(
  topic: string,
  first: readonly BrokerAddress[],
  askOne: (broker: BrokerAddress) => Promise<TopicLeaders>,
): TopicMap {
  let known: TopicLeaders | undefined
  let asking: Promise<TopicLeaders> | undefined
  let turn = 0

  const ask = async (): Promise<TopicLeaders> => {
    turn += 1
    const all = distinct([...(known?.brokers ?? []), ...first])
    let cause: unknown
    // Each time another one begins: one that stands still, or knows nothing new, is not the only one.
    for (const [index] of all.entries()) {
      const broker = all[(turn + index) % all.length]
      if (!broker) continue
      try {
        return await askOne(broker)
      } catch (error) {
        cause = error
      }
    }
    throw cause
  }
  const renew = (): Promise<TopicLeaders> => {
    asking ??= ask()
      .then((leaders) => {
        known = leaders
        return leaders
      })
      .finally(() => {
        asking = undefined
      })
    return asking
  }
  return {
    async leaderOf(partition) {
      const leader = known?.byPartition.get(partition)
      if (leader) return leader
      const { byPartition } = await renew()
      const found = byPartition.get(partition)
      if (found) return found
      if (byPartition.has(partition)) throw protocol.createErrorFromCode(LEADER_NOT_AVAILABLE)
      throw new LogError('log_mismatch', `topic ${topic} has no partition ${partition}: prepare it first`)
    },
    doubt: () =>
      renew().then(
        () => undefined,
        () => undefined,
      ),
  }
}

const LEADER_NOT_AVAILABLE = 5

/** Of `host:port`. */
export function addressOf(broker: string): BrokerAddress {
  const [host = '', port] = broker.split(':')
  return { host, port: Number(port) }
}

function distinct(brokers: readonly BrokerAddress[]): BrokerAddress[] {
  return [...new Map(brokers.map((broker) => [`${broker.host}:${broker.port}`, broker])).values()]
}

/** Closes the connection. */
export async function askLeaders(connection: BrokerConnection, topic: string): Promise<TopicLeaders> {
  try {
    const request = metadataRequest({ topics: [topic], allowAutoTopicCreation: false })
    const { brokers, topicMetadata } = await metadataResponse.decode(await connection.ask(request))
    const [wanted] = topicMetadata
    if (!wanted) throw new Error('a broker did not say who leads')
    if (wanted.topicErrorCode !== 0) throw protocol.createErrorFromCode(wanted.topicErrorCode)
    const byId = new Map(brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]))
    return {
      brokers: [...byId.values()],
      byPartition: new Map(wanted.partitionMetadata.map(({ partitionId, leader }) => [partitionId, byId.get(leader)])),
    }
  } finally {
    connection.close()
  }
}
