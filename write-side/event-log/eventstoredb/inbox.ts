import { ANY, binaryEvent } from '@eventstore/db-client'
import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import type { Inbox } from '../inbox.ts'
import { deliverNear } from '../mailboxes.ts'
import { unavailable } from '../outage.ts'
import { createSender } from '../sender.ts'
import { openConnection } from './client.ts'
import { MOST_APPEND_BYTES } from './event-log.ts'
import { openInboxFeed } from './inbox-feed.ts'
import { prepareLayout } from './layout.ts'
import { splitByBytes } from './split-by-bytes.ts'
import { eventId, MESSAGE_TYPE, namesOf } from './streams.ts'

/**
 * The inboxes in one stream beside those of the log, which keeps an hour of messages for all partitions: whoever reads
 * takes those for his partitions. However many there are, a process has two connections, none of which the log uses.
 */
export function openEventStoreInbox(options: EventStoreInboxOptions): Inbox {
  const { url, prefix, clock, log, timeoutMs = 3_000, mostAppendBytes = MOST_APPEND_BYTES } = options
  const names = namesOf(prefix)
  const sending = openConnection({ url, clock })
  const reading = openConnection({ url, clock })
  const feed = openInboxFeed({ connection: reading, stream: names.inbox, timeoutMs, clock, log })
  const sender = createSender('EventStoreDB', async (messages) => {
    const byMs = clock.monotonicMs() + BATCH_TIMES * timeoutMs
    for (const some of splitByBytes(messages, mostAppendBytes, ({ value }) => value.byteLength)) {
      const events = some.map(({ partition, value }) =>
        binaryEvent({ id: eventId(clock), type: MESSAGE_TYPE, data: value, metadata: { partition } }),
      )
      const withinMs = Math.min(timeoutMs, byMs - clock.monotonicMs())
      if (withinMs <= 0) throw new Error('the time that a batch of messages may take is over')
      const anywhere = { expectedRevision: ANY, requiresLeader: true, deadline: withinMs } as const
      await sending.use(withinMs, (client) => client.appendToStream(names.inbox, events, anywhere))
    }
  })
  return {
    technology: 'eventstoredb',
    prepare: async (partitions) => {
      try {
        await sending.use(PREPARE_MS, async (client) => {
          await prepareLayout(client, names, partitions)
          const { metadata } = await client.getStreamMetadata(names.inbox, { requiresLeader: true })
          if (metadata?.maxAge === KEPT_S) return
          await client.setStreamMetadata(names.inbox, { ...metadata, maxAge: KEPT_S }, { requiresLeader: true })
        })
      } catch (cause) {
        throw unavailable('EventStoreDB', cause)
      }
    },
    send: (messages) => sender.send(deliverNear(feed.mailboxes, messages)),
    receive: (partition, receiveOptions) => feed.mailboxes.open(partition, receiveOptions),
    close: async () => {
      for (const each of [sender, feed, sending, reading]) each.close()
    },
  }
}

export type EventStoreInboxOptions = {
  /** As `checkedConnectionString` gives it. */
  readonly url: string
  readonly prefix: string
  readonly clock: Clock
  readonly log: Logger
  /** For each request, and twice that for all that are sent together; a `send` takes a few times as long at most. */
  readonly timeoutMs?: number
  readonly mostAppendBytes?: number
}

const PREPARE_MS = 30_000
/** All writes of a batch have so many times as long as one. */
const BATCH_TIMES = 2
const KEPT_S = 3_600
