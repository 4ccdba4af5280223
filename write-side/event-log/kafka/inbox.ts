import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { LogError } from '../event-log.ts'
import type { Inbox } from '../inbox.ts'
import { deliverNear } from '../mailboxes.ts'
import { unavailable } from '../outage.ts'
import { type BrokerConnection, openBrokerConnection } from './broker-connection.ts'
import { type BrokerPool, createBrokerPool } from './broker-pool.ts'
import type { BrokerAddress } from './broker-socket.ts'
import { createKafkaClient, withAdmin } from './client.ts'
import { isOfLeader } from './demand.ts'
import { openFeed } from './feed.ts'
import { openInboxFeed } from './inbox-feed.ts'
import { produceMessages } from './inbox-produce.ts'
import { createBrokerSenders } from './inbox-senders.ts'
import { createStarts, type Starts } from './inbox-starts.ts'
import { prepareInboxTopic } from './inbox-topic.ts'
import type { KafkaSecurity } from './security.ts'
import { addressOf, askLeaders, openTopicMap } from './topic-map.ts'

/**
 * The inboxes in one Kafka topic beside that of the log. However many partitions a process sends to and reads, it has
 * four connections at most to each broker, none of which the log uses: one to send on, two for what comes, and one to
 * ask where that begins; and another while it asks who leads which partition. A broker that hangs holds up only what it
 * leads itself.
 */
export function openKafkaInbox(options: KafkaInboxOptions): Inbox {
  const { brokers, topic, replication = 1, clock, log, requestTimeoutMs = 3_000, silentMs = 3_000, security } = options
  const all = new Set<BrokerConnection>()
  let isClosed = false
  const open = async (broker: BrokerAddress) => {
    if (isClosed) throw new LogError('log_unavailable', 'the inbox was closed')
    return openBrokerConnection(broker, { clock, silentMs, answerMs: requestTimeoutMs, security, all })
  }
  const map = openTopicMap(topic, brokers.map(addressOf), async (broker) => askLeaders(await open(broker), topic))
  const pool = () => createBrokerPool({ open, most: 1, waitMs: requestTimeoutMs, clock })
  const [sending, asking] = [pool(), pool()]
  const at = async <Result>(connections: BrokerPool, broker: BrokerAddress, work: Work<Result>): Promise<Result> => {
    try {
      return await connections.use(broker, work)
    } catch (cause) {
      if (isOfLeader(cause)) void map.doubt()
      throw cause
    }
  }
  const startOf = createStarts({
    topic,
    clock,
    leaderOf: map.leaderOf,
    atBroker: (broker, work) => at(asking, broker, work),
    onAstray: () => void map.doubt(),
  })
  const feed = openInboxFeed({ feed: openFeed({ map, open, topic, clock }), startOf, clock, log })
  const senders = createBrokerSenders((broker, messages) =>
    at(sending, broker, (leader) => produceMessages(leader, { topic, timeoutMs: requestTimeoutMs }, messages)),
  )
  return {
    technology: 'kafka',
    prepare: async (partitions) => {
      const client = createKafkaClient({ brokers, requestTimeoutMs, silentMs, security, clock, log })
      await withAdmin(client, (admin) => prepareInboxTopic({ admin, clock }, { name: topic, replication }, partitions))
      await untilLed(partitions, startOf, clock)
    },
    send: (messages) => senders.send(deliverNear(feed.mailboxes, messages), map.leaderOf),
    receive: (partition, receiveOptions) => feed.mailboxes.open(partition, receiveOptions),
    close: async () => {
      isClosed = true
      for (const each of [senders, feed, sending, asking, ...all]) each.close()
    },
  }
}

export type KafkaInboxOptions = {
  readonly brokers: readonly string[]
  readonly security?: KafkaSecurity | undefined
  readonly topic: string
  readonly clock: Clock
  readonly log: Logger
  /** Copies of each message. */
  readonly replication?: number
  /** For each request; a `send` takes a few times as long at most. */
  readonly requestTimeoutMs?: number
  /** A connection is given up that owes an answer and brings nothing for so long. */
  readonly silentMs?: number
}

type Work<Result> = (connection: BrokerConnection) => Promise<Result>

/** A broker takes some 10 ms to make a partition. */
const LED_WITHIN_MS = 60_000
const LOOK_EVERY_MS = 50

/** A leader that was just named may not know of it yet, and would refuse the first messages. */
async function untilLed(partitions: number, startOf: Starts, clock: Clock): Promise<void> {
  const giveUpMs = clock.monotonicMs() + LED_WITHIN_MS
  for (;;) {
    try {
      await Promise.all(Array.from({ length: partitions }, (_, partition) => startOf(partition)))
      return
    } catch (cause) {
      if (cause instanceof LogError || clock.monotonicMs() > giveUpMs) throw unavailable('Kafka', cause)
      await clock.sleep(LOOK_EVERY_MS)
    }
  }
}
