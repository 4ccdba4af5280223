import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import type { Connection } from '@micropay/runtime/pool'
import { createInboxFollowing, type InboxFeed } from '../inbox-following.ts'
import { createMailboxes, type Mailboxes } from '../mailboxes.ts'
import { INBOX_CHANNEL, MOST_AT_ONCE, MOST_OF_ONE, partitionsIn, readAfter, startsOf } from './inbox-table.ts'

/**
 * Brings a process what comes for all partitions that it reads, on one connection, which listens and asks: once for all
 * that it heard of meanwhile, and once a second for all, since a notification can be lost. The connection lives for as
 * long as somebody reads, and a moment longer; when it is lost, another one goes on from about where it was.
 */
export function openInboxFeed(options: InboxFeedOptions): InboxFeed {
  const { connect, clock, log, whileConnected } = options
  const heard = createHearsay(clock)
  const mailboxes = createMailboxes((partition) => {
    heard.hear([partition])
    following.start()
  })
  const follower = createFollower(mailboxes, heard)
  const following = createInboxFollowing({ technology: 'PostgreSQL', mailboxes, clock, log, follow })
  let answeredMs = clock.monotonicMs()

  async function follow(signal: AbortSignal): Promise<void> {
    const connection = connect()
    const { client, lost } = connection
    const over = AbortSignal.any([lost, signal])
    client.on('notification', ({ payload }) => heard.hear(partitionsIn(payload) ?? mailboxes.partitions()))
    try {
      await client.connect()
      await client.query(`listen ${INBOX_CHANNEL}`)
      await follower.resume(connection, clock.monotonicMs() - answeredMs)
      heard.hear(mailboxes.partitions())
      whileConnected(over)
      for (let unused = 0; unused < LINGER_POLLS; unused = mailboxes.partitions().length > 0 ? 0 : unused + 1) {
        await follower.bring(connection)
        following.answered()
        answeredMs = clock.monotonicMs()
        if (!(await heard.something(POLL_MS, over))) heard.hear(mailboxes.partitions())
        if (over.aborted) throw new Error('the connection was lost')
      }
    } finally {
      client.end().catch(() => undefined)
    }
  }
  return { mailboxes, close: following.close }
}

export type InboxFeedOptions = {
  readonly connect: () => Connection
  readonly clock: Clock
  readonly log: Logger
  /** What is to be done for as long as the feed has its connection. */
  readonly whileConnected: (over: AbortSignal) => void
}

const POLL_MS = 1_000
const LINGER_POLLS = 5
/** A reader begins so long before it came: who takes a partition over hears what was meant for who had it before. */
const START_MS = 3_000

/** Reads on behind what the readers of each partition were given. */
function createFollower(mailboxes: Mailboxes, heard: Hearsay) {
  const positions = new Map<number, string>()
  async function start({ client }: Connection, partitions: readonly number[], withinMs: number): Promise<void> {
    if (partitions.length === 0) return
    for (const { partition, after } of await startsOf(client, partitions, withinMs)) positions.set(partition, after)
  }
  return {
    /** A server that crashed counts from the beginning again, so it goes by the time that passed since. */
    async resume(connection: Connection, sinceMs: number): Promise<void> {
      const known = [...positions.keys()].filter(mailboxes.has)
      await start(connection, known, sinceMs + START_MS)
    },
    async bring(connection: Connection): Promise<void> {
      for (const partition of positions.keys()) if (!mailboxes.has(partition)) positions.delete(partition)
      const asked = heard.take().filter(mailboxes.has)
      await start(
        connection,
        asked.filter((partition) => !positions.has(partition)),
        START_MS,
      )
      const after = new Map(asked.map((partition) => [partition, positions.get(partition) ?? '0']))
      const arrived = after.size === 0 ? [] : await readAfter(connection.client, after)
      const values = Map.groupBy(arrived, ({ partition }) => partition)
      for (const [partition, messages] of values) {
        positions.set(partition, messages.at(-1)?.id ?? '0')
        mailboxes.deliver(
          partition,
          messages.map(({ value }) => value),
        )
      }
      const isCut = arrived.length === MOST_AT_ONCE
      heard.hear(asked.filter((partition) => isCut || values.get(partition)?.length === MOST_OF_ONE))
    },
  }
}

type Hearsay = ReturnType<typeof createHearsay>

/** Which partitions may have got something. */
function createHearsay(clock: Clock) {
  let partitions = new Set<number>()
  let wake = () => {}
  return {
    hear(some: readonly number[]): void {
      for (const partition of some) partitions.add(partition)
      if (some.length > 0) wake()
    },
    /** Those that were heard of first come first. */
    take(): number[] {
      const taken = [...partitions]
      partitions = new Set()
      return taken
    },
    /** Waits until something was heard; false after so long without. */
    async something(withinMs: number, over: AbortSignal): Promise<boolean> {
      if (partitions.size > 0) return true
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = () => resolve()
      const timer = clock.timer(withinMs, wake)
      over.addEventListener('abort', wake)
      if (!over.aborted) await promise
      over.removeEventListener('abort', wake)
      timer.cancel()
      return partitions.size > 0
    },
  }
}
