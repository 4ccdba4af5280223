import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import kafkajs, { type Admin, type Cluster, type Kafka, type LogEntry, type SASLOptions } from 'kafkajs'
import { unavailable } from '../outage.ts'
import { brokerSockets } from './broker-socket.ts'
import type { KafkaLogin, KafkaSecurity } from './security.ts'

/**
 * A kafkajs client, to make the topic with and to look after its settings. Its own log lines go to `log`, one level
 * lower than kafkajs thinks: what it calls an error is mostly retried, and what is not reaches our code as one. It
 * tries a few times at most: who uses it tries again.
 */
export function createKafkaClient(options: KafkaClientOptions): Kafka {
  const { brokers, requestTimeoutMs, silentMs, security, clock, log } = options
  return new kafkajs.Kafka({
    brokers: [...brokers],
    clientId: 'micropay-event-log',
    connectionTimeout: 3_000,
    requestTimeout: requestTimeoutMs,
    retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 1_000 },
    socketFactory: brokerSockets(clock, silentMs, security),
    ...(security ? { ssl: true } : {}),
    ...(security?.login ? { sasl: saslOf(security.login) } : {}),
    logLevel: log.isLevelEnabled('debug') ? kafkajs.logLevel.INFO : kafkajs.logLevel.WARN,
    logCreator: () => (entry) => writeTo(log, entry),
  })
}

function saslOf({ mechanism, username, password }: KafkaLogin): SASLOptions {
  const login = { username, password: password() }
  return mechanism === 'scram-sha-256' ? { mechanism, ...login } : { mechanism, ...login }
}

export type KafkaClientOptions = {
  readonly brokers: readonly string[]
  /** A request fails that was not answered whole by then. */
  readonly requestTimeoutMs: number
  /** A connection breaks that owes an answer and brings nothing for so long. */
  readonly silentMs: number
  readonly security?: KafkaSecurity | undefined
  readonly clock: Clock
  readonly log: Logger
}

/**
 * Makes the typed client behind every kafkajs consumer and producer, with this client's brokers, retries and log.
 * kafkajs keeps its maker private: a version without it fails here, before anything is asked.
 */
export function clusterMaker(kafka: Kafka): () => Cluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === CREATE_CLUSTER)
  const create: unknown = symbol && Reflect.get(kafka, symbol)
  if (typeof create !== 'function') throw new Error(`this version of kafkajs has no ${CREATE_CLUSTER}`)
  return () => create({ metadataMaxAge: METADATA_MAX_AGE_MS, allowAutoTopicCreation: false })
}

const CREATE_CLUSTER = 'private:Kafka:createCluster'
const METADATA_MAX_AGE_MS = 300_000

/** Each use has a connection of its own: one that is kept may have died since. */
export async function withAdmin<Result>(kafka: Kafka, use: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = kafka.admin()
  try {
    await admin.connect()
    return await use(admin)
  } catch (cause) {
    throw unavailable('Kafka', cause)
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

function writeTo(log: Logger, { namespace, level, log: content }: LogEntry): void {
  const { message, timestamp: _, logger: __, stack: ___, ...details } = content
  const line = { kafkajs: namespace, ...details }
  // Mostly that another process was first, which is no fault; what else it is, createTopics throws.
  if (details.error === 'Topic creation errors') log.debug(line, message)
  else if (level === kafkajs.logLevel.ERROR) log.warn(line, message)
  else if (level === kafkajs.logLevel.WARN) log.info(line, message)
  else log.debug(line, message)
}
