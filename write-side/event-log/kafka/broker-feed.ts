import type { Clock } from '@micropay/runtime/clock'
import type { BrokerConnection } from './broker-connection.ts'
import { type Demand, demandsOf, type Poll, settlePoll, takePoll } from './demand.ts'
import { fetchFrom } from './fetch.ts'

/**
 * Fetches what the followers of one broker's partitions want, all in one request, on two connections however many they
 * are. A broker answers a connection's requests in their order: so whoever comes while the first connection waits for
 * something new goes by the second one, which waits shortly, until the first is back. Who is still reading has not
 * asked for more, and is left out: nobody waits for another's slowness.
 */
export type BrokerFeed = {
  /** Those who ask this broker again and again. */
  readonly followers: Set<object>
  want(demand: Demand): void
  /** Those who still wait get the cause. */
  close(cause: Error): void
}

export type BrokerFeedOptions = {
  readonly open: () => Promise<BrokerConnection>
  readonly topic: string
  readonly clock: Clock
  /** The broker went away, or leads a partition no more. */
  readonly onAstray: () => void
}

type Lane = {
  state: 'idle' | 'gathering' | 'asking'
  connection: BrokerConnection | undefined
  startedMs: number
  /** Nothing stood behind what the last answer brought. */
  isAtEnd: boolean
}

type State = BrokerFeedOptions & {
  readonly followers: Set<object>
  readonly first: Lane
  readonly second: Lane
  readonly closing: AbortController
  wanting: Set<Demand>
}

export function openBrokerFeed(options: BrokerFeedOptions): BrokerFeed {
  const lane = (): Lane => ({ state: 'idle', connection: undefined, startedMs: 0, isAtEnd: false })
  const lanes = { first: lane(), second: lane() }
  const feed: State = { ...options, ...lanes, followers: new Set(), closing: new AbortController(), wanting: new Set() }
  return {
    followers: feed.followers,
    want(demand) {
      feed.wanting.add(demand)
      kick(feed)
    },
    close(cause) {
      feed.closing.abort()
      for (const { connection } of [feed.first, feed.second]) connection?.close()
      for (const demand of feed.wanting) demand.reject(cause)
      feed.wanting.clear()
    },
  }
}

/** While the first connection is about to ask, it takes along whoever comes. */
function kick(feed: State): void {
  const { first, second, wanting, closing } = feed
  if (wanting.size === 0 || closing.signal.aborted) return
  if (first.state === 'idle') void ask(feed, first)
  else if (first.state === 'asking' && second.state === 'idle') void ask(feed, second)
}

async function ask(feed: State, lane: Lane): Promise<void> {
  const { clock, closing } = feed
  lane.state = 'gathering'
  // Those who were answered together ask again together.
  await clock.turn()
  const restMs = lane.isAtEnd ? lane.startedMs + pauseMs(feed.wanting.size) - clock.monotonicMs() : 0
  if (restMs > 0) await clock.sleep(restMs, closing.signal)
  for (const demand of feed.wanting) if (demand.isDropped) feed.wanting.delete(demand)
  const poll = takePoll(feed.wanting)
  if (poll.size > 0 && !closing.signal.aborted) {
    lane.state = 'asking'
    lane.startedMs = clock.monotonicMs()
    // Another offset of a partition that is in here already.
    kick(feed)
    await answer(feed, lane, poll)
  }
  lane.state = 'idle'
  kick(feed)
}

async function answer(feed: State, lane: Lane, poll: Poll): Promise<void> {
  const { first, second, topic, clock, closing, onAstray } = feed
  try {
    if (!lane.connection || lane.connection.isOver()) lane.connection = await feed.open()
    if (closing.signal.aborted) lane.connection.close()
    const wanted = [...poll.values()]
    const maxBytes = wanted.reduce((sum, { maxBytes: most }) => sum + most, 0)
    const limits = { maxWaitMs: waitMs(feed, lane, poll), maxBytes: Math.min(maxBytes, MOST_BYTES) }
    const answers = await fetchFrom(lane.connection, topic, wanted, limits)
    const { left, isAtEnd, isAstray } = settlePoll(poll, answers, clock.monotonicMs())
    lane.isAtEnd = isAtEnd
    if (left.length > 0) feed.wanting = new Set([...left, ...feed.wanting])
    if (isAstray) onAstray()
  } catch (cause) {
    for (const demand of demandsOf(poll)) demand.reject(cause)
    // What broke one connection to a broker broke the other, too; where that is being used, it tells by itself.
    for (const each of [first, second]) {
      if (each !== lane && each.state === 'asking') continue
      each.connection?.close()
      each.connection = undefined
    }
    if (!closing.signal.aborted) onAstray()
  }
}

function waitMs({ first, followers }: State, lane: Lane, poll: Poll): number {
  if (lane !== first) return SHORT_WAIT_MS
  return demandsOf(poll).length < followers.size ? SOME_AWAY_WAIT_MS : WAIT_MS
}

const WAIT_MS = 500
/** Who comes back is to join the others soon. */
const SOME_AWAY_WAIT_MS = 100
const SHORT_WAIT_MS = 20

/**
 * Where many partitions bring a record now and then, each would come alone, at the price of a fetch of all of them. A
 * broker looks at each of them for each fetch, so that the pause grows with their number: 5 ms, and 25 of a thousand.
 */
function pauseMs(partitions: number): number {
  return 5 + partitions / 50
}

/** A fetch that brings more keeps those waiting who want one record. */
const MOST_BYTES = 4 * 1024 * 1024
