import type { Clock } from '@micropay/runtime/clock'
import { LogError } from '../event-log.ts'
import type { BrokerConnection } from './broker-connection.ts'
import { type BrokerFeed, openBrokerFeed } from './broker-feed.ts'
import type { BrokerAddress } from './broker-socket.ts'
import type { Demand } from './demand.ts'
import type { Fetched, Fetcher } from './fetch.ts'
import type { TopicMap } from './topic-map.ts'

/** Brings those who follow a partition what is new in it, by two connections to each broker. */
export type Feed = {
  join(partition: number): Fetcher
  close(): void
}

export type FeedOptions = {
  readonly map: TopicMap
  readonly open: (broker: BrokerAddress) => Promise<BrokerConnection>
  readonly topic: string
  readonly clock: Clock
}

export function openFeed({ map, open, topic, clock }: FeedOptions): Feed {
  const feeds = new Map<string, BrokerFeed>()
  let isClosed = false
  const feedOf = (broker: BrokerAddress): BrokerFeed => {
    const name = `${broker.host}:${broker.port}`
    const options = { open: () => open(broker), topic, clock, onAstray: () => void map.doubt() }
    const feed = feeds.get(name) ?? openBrokerFeed(options)
    feeds.set(name, feed)
    return feed
  }
  return {
    join(partition) {
      const follower = {}
      let at: BrokerFeed | undefined
      let demand: Demand | undefined
      let hasLeft = false
      return {
        async fetch(from, maxBytes) {
          const feed = feedOf(await map.leaderOf(partition))
          if (isClosed || hasLeft) throw closed()
          if (feed !== at) at?.followers.delete(follower)
          at = feed
          at.followers.add(follower)
          const { promise, resolve, reject } = Promise.withResolvers<Fetched>()
          demand = { partition, from, maxBytes, sinceMs: clock.monotonicMs(), resolve, reject, isDropped: false }
          at.want(demand)
          return promise
        },
        leave() {
          hasLeft = true
          at?.followers.delete(follower)
          if (demand) demand.isDropped = true
        },
      }
    },
    close() {
      isClosed = true
      for (const feed of feeds.values()) feed.close(closed())
    },
  }
}

function closed(): LogError {
  return new LogError('log_unavailable', 'the log was closed')
}
