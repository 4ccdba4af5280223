import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { type BoundedOptions, openConnection, openPool } from '@micropay/runtime/pool'
import { inTransaction } from '@micropay/runtime/transaction'
import type { Pool } from 'pg'
import type { Inbox } from '../inbox.ts'
import { deliverNear } from '../mailboxes.ts'
import { unavailable } from '../outage.ts'
import { createSender } from '../sender.ts'
import { openInboxFeed } from './inbox-feed.ts'
import { deleteSome, insertInto, KEPT_MS, MOST_DELETED, prepareInboxTable } from './inbox-table.ts'
import { preparePartitions } from './tables.ts'

/**
 * The inboxes in a table beside the event log. However many partitions a process sends to and reads, it has three
 * connections at most, none of which the log uses.
 */
export function openPostgresInbox(options: PostgresInboxOptions): Inbox {
  const { url, clock, log, timeoutMs = 3_000, keptMs = KEPT_MS, deleteEveryMs = 5_000 } = options
  const config: BoundedOptions = {
    application_name: 'micropay-inbox',
    // A message that is lost is asked for again; a table that grew from nothing has no statistics to plan by.
    options: '-c synchronous_commit=off -c enable_seqscan=off -c enable_bitmapscan=off',
    statement_timeout: timeoutMs,
    connectionTimeoutMillis: timeoutMs,
  }
  const pool = openPool(url, log, { ...config, max: 2 })
  const sender = createSender('PostgreSQL', (messages) => insertInto(pool, messages))
  const feed = openInboxFeed({
    connect: () => openConnection(url, config),
    clock,
    log,
    whileConnected: (over) => void deleteOld({ pool, clock, log, keptMs, everyMs: deleteEveryMs }, over),
  })
  return {
    technology: 'postgres',
    prepare: async (partitions) => {
      try {
        await preparePartitions(pool, partitions)
        await inTransaction(pool, prepareInboxTable)
      } catch (cause) {
        throw unavailable('PostgreSQL', cause)
      }
    },
    send: (messages) => sender.send(deliverNear(feed.mailboxes, messages)),
    receive: (partition, receiveOptions) => feed.mailboxes.open(partition, receiveOptions),
    close: async () => {
      sender.close()
      feed.close()
      if (!pool.ended) await pool.end()
    },
  }
}

export type PostgresInboxOptions = {
  readonly url: string
  readonly clock: Clock
  readonly log: Logger
  /** For a connection, and for a statement; a `send` takes a few times as long at most. */
  readonly timeoutMs?: number
  /** How long messages are kept. */
  readonly keptMs?: number
  readonly deleteEveryMs?: number
}

type Deletion = Pick<PostgresInboxOptions, 'clock' | 'log'> & {
  readonly pool: Pool
  readonly keptMs: number
  readonly everyMs: number
}

async function deleteOld({ pool, clock, log, keptMs, everyMs }: Deletion, over: AbortSignal): Promise<void> {
  let from = '0'
  while (await clock.sleep(everyMs, over)) {
    try {
      for (let deleted = MOST_DELETED; deleted === MOST_DELETED && !over.aborted; ) {
        const done = await deleteSome(pool, from, keptMs)
        from = done.next
        deleted = done.deleted
      }
    } catch (error) {
      log.debug({ err: error }, 'old messages were not deleted')
    }
  }
}
