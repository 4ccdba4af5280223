import assert from 'node:assert/strict'
import type { EventLog, NewRecord } from '@micropay/event-log/event-log'
import { openMemoryLog } from '@micropay/event-log/memory/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import type { Pool } from 'pg'
import { accountsProjection } from '../accounts/projection.ts'
import { openFollowers } from '../follow/followers.ts'
import type { Begun } from '../serve/switch-version.ts'
import { startWorker, type Worker } from '../serve/worker.ts'
import { openTestDatabase } from './test-database.fixture.ts'

/** A ledger in memory and a real database to project it into, by as many workers as a test starts. */
export async function startProjections(partitions = 1, log: EventLog = openMemoryLog()) {
  const database = await openTestDatabase()
  const logger = createLogger('projections', 'silent')
  await log.prepare(partitions)
  const appender = await log.openAppender(0)
  const workers: Worker[] = []
  const { url: databaseUrl, pool } = database
  const deps = { log, pool, databaseUrl, clock: systemClock, logger, projection: accountsProjection }
  return {
    ...deps,
    partitions,
    followers: openFollowers(pool, systemClock),
    database,
    append: (...records: NewRecord[]) => appender.append(records),
    startWorker() {
      const worker = startWorker(deps)
      workers.push(worker)
      return worker
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.close()))
      await log.close()
      await database.close()
    },
  }
}

/** Waits for a condition, looking every few milliseconds. */
export async function eventually<Result>(
  what: string,
  look: () => Promise<Result | undefined>,
  withinMs = 20_000,
): Promise<Result> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    assert.ok(performance.now() < deadline, `${what}, within ${withinMs} ms`)
    await systemClock.sleep(10)
  }
}

export async function liveSchema(pool: Pool): Promise<string | undefined> {
  const found = await pool
    .query<{ schema_name: string }>(`select schema_name from projection.version where state = 'live'`)
    .catch(() => undefined)
  return found?.rows[0]?.schema_name
}

/** The live schema, once it has got to this sequence. */
export function reached(pool: Pool, seq: number): Promise<string> {
  return eventually(`the live version gets to ${seq}`, async () => {
    const schema = await liveSchema(pool)
    if (!schema) return undefined
    const found = await pool.query('select 1 from projection.checkpoint where schema_name = $1 and seq >= $2', [
      schema,
      seq,
    ])
    return found.rowCount ? schema : undefined
  })
}

export async function balancesOf(pool: Pool, schema: string): Promise<Record<string, string>> {
  const found = await pool.query<{ account_id: string; balance: string }>(
    `select account_id, balance_minor::text as balance from ${schema}.account order by account_id`,
  )
  return Object.fromEntries(found.rows.map((row) => [row.account_id, row.balance]))
}

/**
 * Asserts what every read model of a ledger without gaps keeps: each payment once, an entry each leg, balances
 * that add up.
 */
export async function assertConsistent(pool: Pool, schema: string, payments: number, postings: number): Promise<void> {
  const ofAccount = '(e.tenant, e.account_id) = (a.tenant, a.account_id)'
  const found = await pool.query(`select
    (select count(*)::int from ${schema}.payment) as payments,
    (select count(distinct seq)::int from ${schema}.payment) as distinct_payments,
    (select count(*)::int from ${schema}.entry) as entries,
    (select coalesce(sum(balance_minor), 0)::text from ${schema}.account) as total,
    (select count(*)::int from ${schema}.account a where balance_minor <>
      coalesce((select sum(amount_minor) from ${schema}.entry e where ${ofAccount}), 0))
        as off_by_entries,
    (select count(*)::int from ${schema}.account a where balance_minor <> coalesce((select balance_after_minor
      from ${schema}.entry e where ${ofAccount} order by seq desc, index desc limit 1), 0))
        as off_by_last`)
  assert.deepEqual(found.rows[0], {
    payments,
    distinct_payments: payments,
    entries: 2 * postings,
    total: '0',
    off_by_entries: 0,
    off_by_last: 0,
  })
}

/** The schema of a rebuild or rollback that was begun. */
export async function begunSchema(starting: Promise<Begun>): Promise<string | undefined> {
  const begun = await starting
  return begun.kind === 'begun' ? begun.schema : undefined
}
