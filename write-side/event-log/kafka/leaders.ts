import type { Clock } from '@micropay/runtime/clock'
import { gathered } from '@micropay/runtime/gathered'
import { LogError } from '../event-log.ts'
import type { AtLeader } from './appender.ts'
import { type BrokerConnection, openBrokerConnection } from './broker-connection.ts'
import { createBrokerPool } from './broker-pool.ts'
import type { BrokerAddress } from './broker-socket.ts'
import { isOfLeader } from './demand.ts'
import { type Feed, openFeed } from './feed.ts'
import { endsFrom, type Fetcher, fetchedOf, fetchFrom } from './fetch.ts'
import type { KafkaSecurity } from './security.ts'
import { addressOf, askLeaders, openTopicMap } from './topic-map.ts'

/**
 * The connections of a process to the brokers that lead the topic's partitions: for each broker some to append on, some
 * for what is read up to an end, and two for those who follow. So those who wait keep nobody from what is there, and a
 * broker that hangs holds up only what it leads itself.
 */
export type Leaders = {
  readonly feed: Feed
  /** The offset behind the last record; a broker is asked once for all partitions. Throws what Kafka answers. */
  readonly endOf: (partition: number) => Promise<bigint>
  /** For what is in the log already: it waits no longer than its turn takes. */
  readonly fetcherOf: (partition: number) => Fetcher
  /**
   * To append on. It takes as many appends that hang at once as there are connections to a broker to hold up another
   * one there: each of them ends after the time of a request, and who waits for longer than that for his turn is told.
   */
  readonly append: AtLeader
  /** Asks anew who leads what; never rejects. */
  readonly renew: () => Promise<void>
  readonly close: () => void
}

export type LeadersOptions = {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly clock: Clock
  readonly requestTimeoutMs: number
  readonly silentMs: number
  readonly security?: KafkaSecurity | undefined
}

export function openLeaders(options: LeadersOptions): Leaders {
  const { brokers, topic, clock, requestTimeoutMs, silentMs, security } = options
  const all = new Set<BrokerConnection>()
  let isClosed = false
  const opener = (silentForMs: number, answerMs: number) => async (broker: BrokerAddress) => {
    if (isClosed) throw new LogError('log_unavailable', 'the log was closed')
    return openBrokerConnection(broker, { clock, silentMs: silentForMs, answerMs, security, all })
  }
  const open = opener(silentMs, WHOLE_ANSWER_MS)
  // An append may be answered only when all replicas have it, or its own time is over.
  const openAppending = opener(requestTimeoutMs + 1_000, requestTimeoutMs + 1_000)
  const openAsking = opener(silentMs, requestTimeoutMs)
  const map = openTopicMap(topic, brokers.map(addressOf), async (broker) => askLeaders(await openAsking(broker), topic))
  const feed = openFeed({ map, open, topic, clock })
  const readers = createBrokerPool({ open, most: READS_AT_ONCE, waitMs: silentMs, clock })
  const appenders = createBrokerPool({
    ...{ open: openAppending, most: APPENDS_AT_ONCE, waitMs: requestTimeoutMs, clock },
  })
  const atLeaders =
    (pool: typeof readers): AtLeader =>
    async (partition, work) => {
      const broker = await map.leaderOf(partition)
      try {
        return await pool.use(broker, work)
      } catch (cause) {
        if (isOfLeader(cause)) void map.doubt()
        throw cause
      }
    }
  const read = atLeaders(readers)
  const endsOf = new Map<string, (partition: number) => Promise<bigint | Error | undefined>>()
  const endsAt = (broker: BrokerAddress) => {
    const name = `${broker.host}:${broker.port}`
    const ends =
      endsOf.get(name) ??
      gathered(clock, (partitions: readonly number[]) =>
        readers.use(broker, (connection) => endsFrom(connection, topic, partitions)),
      )
    endsOf.set(name, ends)
    return ends
  }
  return {
    feed,
    endOf: async (partition) => {
      try {
        const end = await endsAt(await map.leaderOf(partition))(partition)
        if (typeof end === 'bigint') return end
        throw end ?? new Error(`the broker did not say where partition ${partition} ends`)
      } catch (cause) {
        if (isOfLeader(cause)) void map.doubt()
        throw cause
      }
    },
    fetcherOf: (partition) => ({
      fetch: (from, maxBytes) =>
        read(partition, async (connection) => {
          const limits = { maxWaitMs: WAIT_MS, maxBytes }
          const answers = await fetchFrom(connection, topic, [{ partition, from, maxBytes }], limits)
          return fetchedOf(answers.get(partition), from)
        }),
      leave: () => undefined,
    }),
    append: atLeaders(appenders),
    renew: map.doubt,
    close: () => {
      isClosed = true
      for (const each of [feed, readers, appenders, ...all]) each.close()
    },
  }
}

const READS_AT_ONCE = 4
const APPENDS_AT_ONCE = 8
/** A large answer may come slowly; what does not come at all ends sooner, with its connection. */
const WHOLE_ANSWER_MS = 60_000
/** What is to be there, and is not yet where its leader has just begun to lead. */
const WAIT_MS = 100
