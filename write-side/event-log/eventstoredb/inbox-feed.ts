import { type EventStoreDBClient, type RecordedEvent, START } from '@eventstore/db-client'
import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { createInboxFollowing, type InboxFeed } from '../inbox-following.ts'
import { createMailboxes, type Mailboxes } from '../mailboxes.ts'
import type { Connection } from './client.ts'
import { lastEvents, MESSAGE_TYPE } from './streams.ts'

/**
 * Brings a process what comes for all partitions that it reads, by one subscription to the stream of all inboxes. It
 * lasts for as long as somebody reads, and asks once a second whether the server still answers; when it is lost another
 * one goes on from where it was, or from a moment ago where the stream does not have that any more.
 */
export function openInboxFeed(options: InboxFeedOptions): InboxFeed {
  const { clock, log } = options
  const recent = createRecent(clock)
  const mailboxes = createMailboxes((partition) => {
    mailboxes.deliver(partition, recent.of(partition))
    following.start()
  })
  let last: bigint | undefined
  const following = createInboxFollowing({
    ...{ technology: 'EventStoreDB', mailboxes, clock, log },
    follow: (signal) =>
      followInboxes(options, mailboxes, {
        ...{ recent, signal, answered: following.answered, last: () => last },
        took: (revision) => {
          last = revision
        },
      }),
    ended() {
      // Who comes later begins a moment before.
      last = undefined
    },
  })
  return { mailboxes, close: following.close }
}

export type InboxFeedOptions = {
  readonly connection: Connection
  readonly stream: string
  /** For each request. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly log: Logger
}

type Following = {
  readonly recent: ReturnType<typeof createRecent>
  readonly signal: AbortSignal
  answered(): void
  /** The revision of the message that was taken last. */
  last(): bigint | undefined
  took(revision: bigint): void
}

/** Takes what comes until nobody reads any more; throws when the subscription is over, or the server is silent. */
async function followInboxes(options: InboxFeedOptions, mailboxes: Mailboxes, following: Following): Promise<void> {
  const { connection, stream, timeoutMs } = options
  const over = new AbortController()
  const stop = () => over.abort()
  following.signal.addEventListener('abort', stop)
  try {
    const after = await connection.use(timeoutMs, (client) => startIn(client, stream, following.last()))
    const events = await connection.use(timeoutMs, async (client) =>
      client.subscribeToStream(stream, { fromRevision: after ?? START, requiresLeader: true }),
    )
    over.signal.addEventListener('abort', () => void events.unsubscribe())
    await Promise.race([watch(options, mailboxes, following, over.signal), take(events, mailboxes, following)])
  } finally {
    stop()
    following.signal.removeEventListener('abort', stop)
  }
}

async function take(
  events: AsyncIterable<{ readonly event?: RecordedEvent }>,
  mailboxes: Mailboxes,
  { recent, signal, took }: Following,
): Promise<void> {
  for await (const { event } of events) {
    if (event === undefined) continue
    took(event.revision)
    const partition = partitionOf(event)
    // What is no message, but stands in the stream, is passed over.
    if (partition === undefined || !(event.data instanceof Uint8Array)) continue
    recent.keep(partition, event.data)
    mailboxes.deliver(partition, [event.data])
  }
  if (!signal.aborted) throw new Error('the subscription has ended')
}

/** A connection that is silent says nothing of it, so it is asked. */
async function watch(
  { connection, stream, timeoutMs, clock }: InboxFeedOptions,
  mailboxes: Mailboxes,
  { answered, last }: Following,
  over: AbortSignal,
): Promise<void> {
  for (let unused = 0; unused < LINGER_LOOKS && !over.aborted; ) {
    const taken = last()
    const [end] = await connection.use(timeoutMs, (client) => lastEvents(client, stream, 1))
    // Where there is nothing, all that was there is older than messages are kept.
    if (taken !== undefined && end !== undefined && end.revision < taken) {
      throw new Error('the stream of the inboxes has lost messages')
    }
    answered()
    await clock.sleep(LOOK_MS, over)
    unused = mailboxes.partitions().length > 0 ? 0 : unused + 1
  }
}

const LOOK_MS = 1_000
const LINGER_LOOKS = 5
/** A reader begins so long before it came: who takes a partition over hears what was meant for who had it before. */
const START_MS = 3_000
const MOST_RECENT = 500

/** Behind which revision to begin: `last`, or a moment before the end where that is not there any more. */
async function startIn(
  client: EventStoreDBClient,
  stream: string,
  last: bigint | undefined,
): Promise<bigint | undefined> {
  const events = await lastEvents(client, stream, MOST_RECENT)
  const [end] = events
  if (end === undefined) return undefined
  if (last !== undefined && last <= end.revision) return last
  const early = events.findLast(({ created }) => end.created.getTime() - created.getTime() <= START_MS) ?? end
  return early.revision === 0n ? undefined : early.revision - 1n
}

function partitionOf({ type, metadata }: RecordedEvent): number | undefined {
  const isMessage = type === MESSAGE_TYPE && metadata !== null && typeof metadata === 'object'
  const partition = isMessage && 'partition' in metadata ? metadata.partition : undefined
  return typeof partition === 'number' ? partition : undefined
}

/** What came a moment ago, for those who begin to read now. */
function createRecent(clock: Clock) {
  let kept: { readonly partition: number; readonly value: Uint8Array; readonly atMs: number }[] = []
  return {
    keep(partition: number, value: Uint8Array): void {
      if (kept.length >= 2 * MOST_RECENT) kept = kept.slice(-MOST_RECENT)
      kept.push({ partition, value, atMs: clock.monotonicMs() })
    },
    of(partition: number): Uint8Array[] {
      const sinceMs = clock.monotonicMs() - START_MS
      return kept.filter((each) => each.partition === partition && each.atMs >= sinceMs).map(({ value }) => value)
    },
  }
}
