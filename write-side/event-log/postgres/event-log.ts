import type { Clock } from '@micropay/runtime/clock'
import { gathered } from '@micropay/runtime/gathered'
import type { Logger } from '@micropay/runtime/logger'
import { type BoundedOptions, openConnection, openPool } from '@micropay/runtime/pool'
import { createToldTraces } from '@micropay/runtime/telemetry/told-traces'
import type { EventLog } from '../event-log.ts'
import { createOutage, unavailable } from '../outage.ts'
import { openPostgresAppender } from './appender.ts'
import { createGroupAppends, MOST_AT_ONCE } from './group-append.ts'
import { createNotices } from './notices.ts'
import { readPostgres } from './reader.ts'
import { countPartitions, endsOf, missingPartition, preparePartitions } from './tables.ts'
import { openTail } from './tail.ts'

/**
 * The event log in the schema `event_log` of one PostgreSQL database. However many partitions a process reads and
 * appends to, it has nine connections at most.
 */
export function openPostgresLog(options: PostgresLogOptions): EventLog {
  const { url, clock, log, unavailableAfterMs = 60_000 } = options
  const { statementTimeoutMs = 10_000, readTimeoutMs = 5_000 } = options
  const config: BoundedOptions = {
    application_name: 'micropay-event-log',
    options: '-c synchronous_commit=on',
    statement_timeout: statementTimeoutMs,
    connectionTimeoutMillis: statementTimeoutMs,
  }
  // Every wait of a reader ends well before others wait for it: what it asks for takes milliseconds.
  const reading = { ...config, statement_timeout: readTimeoutMs, connectionTimeoutMillis: readTimeoutMs }
  const pool = openPool(url, log, { ...reading, max: AT_ONCE })
  const appending = openPool(url, log, {
    ...config,
    options: appendOptions,
    max: MOST_AT_ONCE,
    called: 'micropay-event-log appending',
  })
  const traces = createToldTraces()
  const tail = openTail(() => openConnection(url, reading), clock, traces)
  const endOf = gathered(clock, (partitions: readonly number[]) => endsOf(pool, partitions))
  const closing = new AbortController()
  const together = createGroupAppends(appending, clock, createNotices(pool))
  const alone = createGroupAppends(appending, clock)
  /** Of one partition the append tells its readers itself, which saves a transaction. */
  let isAlone = true
  return {
    technology: 'postgres',
    prepare: (partitions) => {
      isAlone = partitions === 1
      return preparePartitions(pool, partitions).catch((cause: unknown) => {
        throw unavailable('PostgreSQL', cause)
      })
    },
    partitions: () =>
      countPartitions(pool).catch((cause: unknown) => {
        throw unavailable('PostgreSQL', cause)
      }),
    end: async (partition) => {
      const end = await endOf(partition).catch((cause: unknown) => {
        throw unavailable('PostgreSQL', cause)
      })
      if (end === undefined) throw missingPartition(partition)
      return end
    },
    openAppender: (partition) => openPostgresAppender(appending, partition, isAlone ? alone : together),
    read: (partition, from, readOptions) =>
      readPostgres(
        { pool, tail, traces, outage: createOutage({ technology: 'PostgreSQL', unavailableAfterMs, clock, log }) },
        partition,
        from,
        { ...readOptions, signal: AbortSignal.any([readOptions.signal, closing.signal]) },
      ),
    close: async () => {
      closing.abort()
      tail.close()
      await Promise.all([pool, appending].map((each) => (each.ended ? undefined : each.end())))
    },
  }
}

/** So many pages are read at a time: each takes a millisecond or so. */
const AT_ONCE = 4

/** By its index the table of counters is gone through in the order of partitions, whatever its statistics say. */
const appendOptions = '-c synchronous_commit=on -c enable_seqscan=off -c enable_bitmapscan=off'

export type PostgresLogOptions = {
  readonly url: string
  readonly clock: Clock
  readonly log: Logger
  /** A reader gives up after this long out of reach. */
  readonly unavailableAfterMs?: number
  readonly statementTimeoutMs?: number
  /** What a reader asks for fails then, and it goes on with another connection. */
  readonly readTimeoutMs?: number
}
