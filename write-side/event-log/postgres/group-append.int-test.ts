import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, type TestContext, test } from 'node:test'
import { testPostgres } from '@micropay/local/stores/test-services'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import type { TestDatabase } from '@micropay/runtime/test-database.fixture'
import { Client } from 'pg'
import { type Appender, type EventLog, LogError } from '../event-log.ts'
import { numbered } from '../fresh-log.fixture.ts'
import { readRecords } from '../log-reading.fixture.ts'
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

describe('appends of several partitions of a process on PostgreSQL', { timeout: 60_000 }, () => {
  test('those that wait at the same time are one transaction, each with offsets of its own', async (context) => {
    const log = await prepared(context)
    const appenders = await proven(log)
    const appended = await Promise.all(
      appenders.map((appender, partition) => appender.append(numbered(`p${partition}`, 1 + partition))),
    )
    assert.deepEqual(
      appended.map(({ offset }) => offset),
      partitions.map(() => 1n),
    )
    for (const partition of partitions) {
      const records = await readRecords(log, partition, 1n, 1 + partition)
      assert.deepEqual(
        records.map(({ offset, key, value }) => [offset, key, new TextDecoder().decode(value)]),
        numbered(`p${partition}`, 1 + partition).map(({ key, value }, index) => {
          return [BigInt(1 + index), key, new TextDecoder().decode(value)]
        }),
      )
    }
    assert.equal(await transactions('"offset" > 0'), 1)
  })

  test('an appender begins alone: what the log does not take keeps nobody from theirs', async (context) => {
    const log = await prepared(context)
    const [first, second] = await proven(log)
    // A counter that was set back.
    await admin.query('update event_log.partitions set next_offset = 0 where partition = 2')
    const third = await log.openAppender(2)
    const [one, two, three] = await Promise.allSettled([
      first?.append(numbered('one', 1)),
      third.append(numbered('three', 1)),
      second?.append(numbered('two', 1)),
    ])
    assert.deepEqual([one?.status, two?.status, three?.status], ['fulfilled', 'rejected', 'fulfilled'])
  })

  test('what fails is unknown to all of the transaction, and none of it stands in the log', async (context) => {
    const log = await prepared(context)
    const appenders = await proven(log)
    await admin.query('update event_log.partitions set next_offset = 0 where partition = 2')
    const settled = await Promise.allSettled(appenders.map((appender) => appender.append(numbered('x', 1))))
    for (const each of settled) {
      assert.ok(each.status === 'rejected' && each.reason instanceof LogError && each.reason.code === 'append_unknown')
    }
    assert.equal(await log.end(0), 1n)
    const again = await log.openAppender(0)
    assert.equal((await again.append(numbered('x', 1))).offset, 1n)
  })

  test('two appenders of one partition follow each other', async (context) => {
    const log = await prepared(context)
    const [first] = await proven(log)
    const [another] = await proven(log)
    const appended = await Promise.all([first?.append(numbered('one', 2)), another?.append(numbered('two', 2))])
    assert.deepEqual(
      appended.map((each) => each?.offset),
      [2n, 4n],
    )
  })

  test('an appender that is closed is waited for no more, and the others get on', async (context) => {
    const log = await prepared(context)
    const [first, second] = await proven(log)
    await hold(context, 0)
    const both = [first?.append(numbered('held', 1)), second?.append(numbered('with it', 1))]
    await waitingForLock()
    const closed = assert.rejects(both[0] ?? Promise.resolve(), isUnknown)
    await first?.close()
    await closed
    await admin.query('rollback')
    assert.equal((await both[1])?.offset, 1n)
  })

  test('whose counter is held keeps those who come later from nothing', async (context) => {
    const log = await prepared(context)
    const [first, second] = await proven(log)
    await hold(context, 0)
    const held = first?.append(numbered('held', 1))
    await waitingForLock()
    assert.equal((await second?.append(numbered('free', 1)))?.offset, 1n)
    await admin.query('rollback')
    assert.equal((await held)?.offset, 1n)
  })

  test('an append whose only appender is closed gives its connection back', async (context) => {
    const log = await prepared(context)
    await hold(context, 0)
    for (let round = 0; round < 6; round += 1) {
      const appender = await log.openAppender(0)
      const unknown = assert.rejects(appender.append(numbered('held', 1)), isUnknown)
      await waitingForLock()
      await appender.close()
      await unknown
    }
    const sinceMs = systemClock.monotonicMs()
    assert.equal((await (await log.openAppender(1)).append(numbered('free', 1))).offset, 0n)
    // A statement is given up after ten.
    assert.ok(systemClock.monotonicMs() - sinceMs < 8_000)
  })

  test('processes that append to the same partitions wait for each other, and never in a circle', async (context) => {
    const logs = [await prepared(context), opened(context), opened(context)]
    const all = await Promise.all(logs.map((log) => proven(log)))
    // A counter that was moved lies elsewhere in its table.
    await admin.query('update event_log.partitions set next_offset = next_offset where partition in (0, 3, 5)')
    const rounds = all.map(async (appenders, process) => {
      for (let round = 0; round < 40; round += 1) {
        const order = process % 2 === 0 ? appenders : appenders.toReversed()
        await Promise.all(order.map((appender) => appender.append(numbered('x', 1))))
      }
    })
    await Promise.all(rounds)
    for (const partition of partitions) assert.equal(await endOf(logs, partition), 3n * 41n)
  })
})

const partitions = [0, 1, 2, 3, 4, 5, 6, 7]

function endOf([log]: readonly EventLog[], partition: number): Promise<bigint> {
  return log?.end(partition) ?? Promise.reject(new Error('no log'))
}

function opened(context: TestContext): EventLog {
  const log = openPostgresLog({ url: database.url, clock: systemClock, log: createLogger('test', 'silent') })
  context.after(() => log.close())
  return log
}

async function prepared(context: TestContext): Promise<EventLog> {
  const log = opened(context)
  await log.prepare(partitions.length)
  return log
}

/** An appender of each partition that has appended one record. */
async function proven(log: EventLog): Promise<Appender[]> {
  await log.prepare(partitions.length)
  const appenders = await Promise.all(partitions.map((partition) => log.openAppender(partition)))
  for (const appender of appenders) await appender.append(numbered('first', 1))
  return appenders
}

/** Holds the counter of a partition until `rollback`. */
async function hold(context: TestContext, partition: number): Promise<void> {
  context.after(() => admin.query('rollback'))
  await admin.query('begin')
  await admin.query('select from event_log.partitions where partition = $1 for update', [partition])
}

async function waitingForLock(): Promise<void> {
  const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%event_log%'`
  for (;;) {
    await admin.query('select pg_stat_clear_snapshot()')
    if ((await admin.query(waiting)).rowCount) return
    await systemClock.sleep(5)
  }
}

async function transactions(which: string): Promise<number> {
  const { rows } = await admin.query(
    `select count(distinct xmin::text)::int as count from event_log.records where ${which}`,
  )
  return rows[0]?.count
}

function isUnknown(error: unknown): boolean {
  return error instanceof LogError && error.code === 'append_unknown'
}
