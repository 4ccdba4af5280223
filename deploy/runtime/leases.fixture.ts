import { Pool } from 'pg'
import { systemClock } from './clock.ts'
import type { Leases, LeaseTimes } from './leases.ts'
import { createLogger } from './logger.ts'
import { openLeases } from './open-leases.ts'
import { makeTestDatabase, type TestDatabase } from './test-database.fixture.ts'

export const log = createLogger('test', process.env.LOG_LEVEL ?? 'silent')

export const quick: LeaseTimes = { ttlMs: 300, retryMs: 20 }
/** No test waits for its end by time. */
export const long: LeaseTimes = { ttlMs: 3_600_000, retryMs: 20 }

export type LeaseDatabase = {
  readonly database: TestDatabase
  readonly admin: Pool
  leasesOf(times: LeaseTimes, url?: string): Leases
  ownerOf(name: string): Promise<unknown>
  termOf(name: string): Promise<unknown>
  /** How many connections hold leases. */
  sessions(): Promise<number>
  endSessions(): Promise<void>
  close(): Promise<void>
}

/** A database of its own with the table of leases as workers of before made it. */
export async function makeLeaseDatabase(): Promise<LeaseDatabase> {
  const database = await makeTestDatabase()
  const admin = new Pool({ connectionString: database.url })
  await admin.query(
    `create table lease (
       name text primary key, owner_id text not null,
       acquired_at timestamptz not null, expires_at timestamptz not null)`,
  )
  const opened: Leases[] = []
  const columnOf = async (column: 'owner_id' | 'term', name: string) => {
    const { rows } = await admin.query(`select ${column} as value from lease where name = $1`, [name])
    return rows[0]?.value
  }
  const ofSessions = `from pg_stat_activity
    where datname = current_database() and application_name = 'lease session'`
  return {
    database,
    admin,
    leasesOf(times, url = database.url) {
      const leases = openLeases({ url, clock: systemClock, log, times })
      opened.push(leases)
      return leases
    },
    ownerOf: (name) => columnOf('owner_id', name),
    termOf: (name) => columnOf('term', name),
    async sessions() {
      return (await admin.query(`select ${ofSessions}`)).rowCount ?? 0
    },
    async endSessions() {
      await admin.query(`select pg_terminate_backend(pid, 5000) ${ofSessions}`)
    },
    async close() {
      await Promise.all(opened.map((each) => each.close()))
      await admin.end()
      await database.close()
    },
  }
}
