import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { type EventLog, endsBefore } from '../event-log.ts'
import { createOutage, unavailable } from '../outage.ts'
import { openEventStoreAppender } from './appender.ts'
import { openConnection } from './client.ts'
import { openConnections } from './connections.ts'
import { openKeeping } from './keeping.ts'
import { openLayout } from './layout.ts'
import { readEventStore } from './reader.ts'
import { endOf, namesOf } from './streams.ts'
import { openTail } from './tail.ts'

/**
 * The event log in EventStoreDB or KurrentDB: one stream a partition, whose revisions are the offsets. However many
 * partitions a process reads and appends to, it has seven connections at most. All is asked of the leader.
 */
export function openEventStoreLog(options: EventStoreLogOptions): EventLog {
  const { url, prefix, clock, log, unavailableAfterMs = 60_000 } = options
  const { appendTimeoutMs = 10_000, readTimeoutMs = 5_000, mostAppendBytes = MOST_APPEND_BYTES } = options
  const names = namesOf(prefix)
  const asking = openConnection({ url, clock })
  const reading = openConnection({ url, clock })
  const following = openConnection({ url, clock })
  const appending = openConnections(url, AT_ONCE, clock)
  const tail = openTail({ connection: following, names, clock, log })
  const closing = new AbortController()
  const { partitions, mustHave, prepare } = openLayout(asking, names, readTimeoutMs)
  const keeping = openKeeping({ asking, names, timeoutMs: readTimeoutMs, clock, log })
  const end = async (partition: number) => {
    await mustHave(partition)
    return asking.use(readTimeoutMs, (client) => endOf(client, names.partition(partition)))
  }
  return {
    technology: 'eventstoredb',
    prepare: (count) => reachable(prepare(count)),
    partitions: () => reachable(partitions()),
    end: (partition) => reachable(end(partition)),
    openAppender: async (partition) => {
      await reachable(mustHave(partition))
      const mustKeep = () => keeping.mustKeep(partition)
      await reachable(mustKeep())
      const stream = names.partition(partition)
      const limits = { timeoutMs: appendTimeoutMs, pauseMs: options.appendPauseMs, mostBytes: mostAppendBytes }
      return openEventStoreAppender({ appending, stream, partition, ...limits, mustKeep, clock })
    },
    read: (partition, from, readOptions) => {
      const outage = createOutage({ technology: 'EventStoreDB', unavailableAfterMs, clock, log })
      const check = async (least: bigint) => {
        const there = await end(partition)
        if (there < least) throw endsBefore(partition, there, least)
      }
      return readEventStore(
        {
          ...{ reading, tail, outage, pageMs: readTimeoutMs, stream: names.partition(partition), check },
          mustKeep: () => keeping.mustKeep(partition),
        },
        partition,
        from,
        { ...readOptions, signal: AbortSignal.any([readOptions.signal, closing.signal]) },
      )
    },
    close: async () => {
      closing.abort()
      tail.close()
      // Readers hear of it first.
      await clock.turn()
      for (const each of [appending, following, reading, asking]) each.close()
    },
  }
}

async function reachable<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work
  } catch (cause) {
    throw unavailable('EventStoreDB', cause)
  }
}

/** So many appends are under way, each on a connection of its own. */
const AT_ONCE = 4
/** A server takes 1 MiB in one write, unless it is set otherwise. */
export const MOST_APPEND_BYTES = 1_000_000

export type EventStoreLogOptions = {
  /** `esdb://` or `esdb+discover://`, as `checkedConnectionString` gives it. */
  readonly url: string
  /** What the names of the ledger's streams begin with. */
  readonly prefix: string
  readonly clock: Clock
  readonly log: Logger
  /** A reader gives up after this long out of reach. */
  readonly unavailableAfterMs?: number
  /** For all that an append takes. */
  readonly appendTimeoutMs?: number
  /** An append that comes so long after the one before is read back. */
  readonly appendPauseMs?: number
  /** What a reader asks for fails then, and it goes on with another connection. */
  readonly readTimeoutMs?: number
  readonly mostAppendBytes?: number
}
