import type { Clock } from './clock.ts'
import { openLease } from './lease.ts'
import { forgetNotice, tellNotice, toldNotices } from './lease-notices.ts'
import { openLeaseSession } from './lease-session.ts'
import { forgetLeases, heldLeases, leaseHolders } from './lease-table.ts'
import type { Leases, LeaseTimes } from './leases.ts'
import type { Logger } from './logger.ts'
import { openPool } from './pool.ts'

/**
 * Leases in a table of one database, which is made when the first one is asked for. However many they are, they take
 * two connections: one that holds them, and one for what is said under them.
 */
export function openLeases(options: LeasesOptions): Leases {
  const { url, log, schema, clock, times = defaultTimes } = options
  const table = { prefix: schema === undefined ? '' : `${schema}.` }
  const session = openLeaseSession(url, table)
  const pool = openPool(url, log, { max: 1, statement_timeout: 2_000, application_name: 'leases' })
  return {
    open: (name, ownerId, { mayRenew = () => true, said = () => undefined } = {}) => ({
      ...openLease({ session, clock, log, times, table, mayRenew, said, name, ownerId }),
      tell: (text) => tellNotice(pool, table, name, { ownerId, text }),
      told: () => toldNotices(pool, table, name),
      forget: (notice) => forgetNotice(pool, table, name, notice),
    }),
    holders: (names) => leaseHolders(pool, table, names),
    held: (begin) => heldLeases(pool, table, begin),
    forget: (begin) => forgetLeases(pool, table, begin),
    onChange: session.onChange,
    close: async () => {
      session.close()
      if (!pool.ended) await pool.end()
    },
  }
}

export type LeasesOptions = {
  readonly url: string
  readonly clock: Clock
  readonly log: Logger
  /** Where the table is; the schema of the connection if not given. */
  readonly schema?: string
  readonly times?: LeaseTimes
}

const defaultTimes: LeaseTimes = { ttlMs: 15_000, retryMs: 250 }
