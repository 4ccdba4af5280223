import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { openPool } from '@micropay/runtime/pool'
import { Client, type ClientConfig } from 'pg'
import type { EventLog } from '../event-log.ts'
import { createOutage } from '../outage.ts'
import { openPostgresAppender } from './appender.ts'
import { readPostgres } from './reader.ts'
import { endOf, missingPartition, preparePartitions } from './tables.ts'

/** The event log in the schema `event_log` of one PostgreSQL database. */
export function openPostgresLog(options: PostgresLogOptions): EventLog {
  const { url, clock, log, unavailableAfterMs = 60_000, statementTimeoutMs = 10_000 } = options
  const config: ClientConfig = {
    connectionString: url,
    application_name: 'micropay-event-log',
    options: '-c synchronous_commit=on',
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + 1_000,
    connectionTimeoutMillis: statementTimeoutMs,
    keepAlive: true,
  }
  const pool = openPool(url, log, { ...config, max: 2 })
  const closing = new AbortController()
  return {
    technology: 'postgres',
    prepare: (partitions) => preparePartitions(pool, partitions),
    end: async (partition) => {
      const end = await endOf(pool, partition)
      if (end === undefined) throw missingPartition(partition)
      return end
    },
    openAppender: (partition) => openPostgresAppender(new Client(config), partition),
    read: (partition, from, readOptions) =>
      readPostgres(
        {
          connect: () => new Client(config),
          outage: createOutage({ technology: 'PostgreSQL', unavailableAfterMs, clock, log }),
          clock,
        },
        partition,
        from,
        { ...readOptions, signal: AbortSignal.any([readOptions.signal, closing.signal]) },
      ),
    close: async () => {
      closing.abort()
      if (!pool.ended) await pool.end()
    },
  }
}

export type PostgresLogOptions = {
  readonly url: string
  readonly clock: Clock
  readonly log: Logger
  /** A reader gives up after this long out of reach. */
  readonly unavailableAfterMs?: number
  readonly statementTimeoutMs?: number
}
