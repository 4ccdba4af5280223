import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, type TestContext, test } from 'node:test'
import { testPostgres } from '@micropay/local/stores/test-services'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import type { TestDatabase } from '@micropay/runtime/test-database.fixture'
import { Client } from 'pg'
import { type EventLog, LogError, type LogErrorCode } from '../event-log.ts'
import { appendTo, nextBatch, readRecords } from '../log-reading.fixture.ts'
import { openPostgresLog } from './event-log.ts'

let database: TestDatabase
let admin: Client

before(async () => {
  database = await testPostgres()
  admin = new Client(database.url)
  await admin.connect()
})
after(async () => {
  await admin.end()
  await database.close()
})
beforeEach(() => admin.query('drop schema if exists event_log cascade'))

describe('the event log on PostgreSQL, when something fails', { timeout: 60_000 }, () => {
  test('a reader whose connection is cut goes on without a loss', async (context) => {
    const log = await prepared(context)
    await appendTo(log, 0, numbered(0, 1))
    const batches = log.read(0, 0n, { signal: context.signal })[Symbol.asyncIterator]()
    await batches.next()
    for (let round = 1; round <= 3; round += 1) {
      const arriving = nextBatch(batches)
      await cutConnections('listen event_log', 'page')
      await appendTo(log, 0, numbered(round, 1))
      assert.deepEqual(
        (await arriving).map((record) => record.offset),
        [BigInt(round)],
      )
    }
    await batches.return?.()
  })

  test('an append whose connection is cut is unknown, and the appender stays dead', async (context) => {
    const log = await prepared(context)
    const appender = await log.openAppender(0)
    await appender.append(numbered(0, 1))
    await admin.query('begin')
    await admin.query('select from event_log.partitions for update')
    const waiting = assert.rejects(appender.append(numbered(1, 1)), isLogError('append_unknown'))
    await cutConnections('with wanted as')
    await waiting
    await admin.query('rollback')
    await assert.rejects(appender.append(numbered(1, 1)), isLogError('append_unknown'))
    assert.equal(await log.end(0), 1n)
    await appendTo(log, 0, numbered(1, 1))
    assert.equal(await log.end(0), 2n)
  })

  test('an append that takes longer than its time is unknown', async (context) => {
    const log = await prepared(context, { statementTimeoutMs: 200 })
    const appender = await log.openAppender(0)
    await admin.query('begin')
    await admin.query('select from event_log.partitions for update')
    await assert.rejects(appender.append(numbered(0, 1)), isLogError('append_unknown'))
    await admin.query('rollback')
    assert.equal(await log.end(0), 0n)
  })

  test('a record whose notification is lost is found by polling', async (context) => {
    const log = await prepared(context)
    const reading = readRecords(log, 0, 0n, 1)
    await connectionThat('page')
    await admin.query(
      `with counter as (update event_log.partitions set next_offset = 1)
       insert into event_log.records values (0, 0, 'silent', 'x')`,
    )
    assert.equal((await reading)[0]?.key, 'silent')
  })

  test('a missing record is a truncated log, in the middle and at the end', async (context) => {
    const log = await prepared(context)
    await appendTo(log, 0, numbered(0, 3))
    await admin.query('delete from event_log.records where "offset" = 1')
    await assert.rejects(readRecords(log, 0, 0n, 3), isLogError('log_truncated'))
    await admin.query('delete from event_log.records where "offset" = 2')
    await assert.rejects(readRecords(log, 0, 2n, 1), isLogError('log_truncated'))
  })

  test('a reader that waits learns that the log was set back', async (context) => {
    const log = await prepared(context)
    await appendTo(log, 0, numbered(0, 3))
    const batches = log.read(0, 0n, { signal: context.signal })[Symbol.asyncIterator]()
    await batches.next()
    const waiting = assert.rejects(batches.next(), isLogError('log_truncated'))
    await admin.query('delete from event_log.records where "offset" = 2')
    await admin.query('update event_log.partitions set next_offset = 2')
    await waiting
  })

  for (const [what, statement] of [
    ['emptied', 'truncate event_log.records'],
    ['emptied with its partitions', 'truncate event_log.records, event_log.partitions'],
    ['dropped', 'drop schema event_log cascade'],
    ['without its newest record', 'delete from event_log.records where "offset" = 2'],
  ] as const) {
    test(`a log that is ${what} is truncated for whoever waits at its end, or begins there`, async (context) => {
      const log = await prepared(context)
      await appendTo(log, 0, numbered(0, 3))
      const batches = log.read(0, 0n, { signal: context.signal })[Symbol.asyncIterator]()
      await batches.next()
      const waiting = assert.rejects(batches.next(), isLogError('log_truncated'))
      // In the order in which a reader locks them: else each could wait for the other one, and one of them be ended.
      await admin.query(`begin; lock table event_log.partitions, event_log.records; ${statement}; commit`)
      await waiting
      await assert.rejects(readRecords(log, 0, 3n, 1), isLogError('log_truncated'))
    })
  }

  test('an append behind a lost record says so, and one behind that of another appender does not', async (context) => {
    const log = await prepared(context)
    const appender = await log.openAppender(0)
    await appender.append(numbered(0, 2))
    await admin.query('begin')
    await admin.query('update event_log.partitions set next_offset = 3')
    await admin.query(`insert into event_log.records values (0, 2, 'another', 'x')`)
    const behind = appender.append(numbered(3, 1))
    await waitingForLock()
    await admin.query('commit')
    assert.equal((await behind).offset, 3n)
    await admin.query('delete from event_log.records where "offset" = 3')
    await assert.rejects(appender.append(numbered(4, 1)), isLogError('log_truncated'))
  })

  test('a log that stays out of reach is unavailable after its time', async () => {
    const unreachable = new URL(database.url)
    unreachable.port = '1'
    const log = openLog(unreachable.href, { unavailableAfterMs: 300 })
    await assert.rejects(readRecords(log, 0, 0n, 1), isLogError('log_unavailable'))
    await log.close()
  })

  test('a log that was not prepared says so', async () => {
    const log = openLog(database.url)
    await log.prepare(1)
    await assert.rejects(log.end(1), isLogError('log_mismatch'))
    await assert.rejects(log.openAppender(1), isLogError('log_mismatch'))
    await assert.rejects(readRecords(log, 1, 0n, 1), isLogError('log_mismatch'))
    await log.close()
  })

  test('many processes may prepare one log at once', async () => {
    const logs = Array.from({ length: 5 }, () => openLog(database.url))
    await Promise.all(logs.map((log) => log.prepare(4)))
    assert.equal(await logs[0]?.end(3), 0n)
    await Promise.all(logs.map((log) => log.close()))
  })
})

function openLog(url: string, options: { unavailableAfterMs?: number; statementTimeoutMs?: number } = {}): EventLog {
  return openPostgresLog({ url, clock: systemClock, log: createLogger('test', 'silent'), ...options })
}

async function prepared(context: TestContext, options: { statementTimeoutMs?: number } = {}): Promise<EventLog> {
  const log = openLog(database.url, options)
  context.after(() => log.close())
  await log.prepare(1)
  return log
}

/** The backends that run, or last ran, such a statement; waits for one. */
async function connectionThat(...statements: string[]): Promise<number[]> {
  for (;;) {
    const { rows } = await admin.query<{ pid: number }>(
      `select pid from pg_stat_activity where pid <> pg_backend_pid()
       and application_name = 'micropay-event-log' and datname = current_database()
       and exists (select from unnest($1::text[]) as part where position(part in query) > 0)`,
      [statements],
    )
    if (rows.length > 0) return rows.map((row) => row.pid)
  }
}

async function waitingForLock(): Promise<void> {
  for (;;) {
    const { rows } = await admin.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    if (rows.length > 0) return
  }
}

async function cutConnections(...statements: string[]): Promise<void> {
  const pids = await connectionThat(...statements)
  await admin.query('select pg_terminate_backend(pid) from unnest($1::int[]) as pid', [pids])
}

function numbered(from: number, count: number) {
  return Array.from({ length: count }, (_, index) => ({
    key: String(from + index),
    value: new TextEncoder().encode(`{"n":${from + index}}`),
  }))
}

function isLogError(code: LogErrorCode) {
  return (error: unknown) => error instanceof LogError && error.code === code
}
