import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, type TestContext, test } from 'node:test'
import { testPostgres } from '@micropay/local/stores/test-services'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import type { TestDatabase } from '@micropay/runtime/test-database.fixture'
import { Client } from 'pg'
import { describeInbox, inboxHandle, message, prepared, read, textsOf } from '../inbox.contract.ts'
import type { Inbox } from '../inbox.ts'
import { openPostgresInbox, type PostgresInboxOptions } from './inbox.ts'

const log = createLogger('test', process.env.LOG_LEVEL ?? 'silent')
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

describeInbox('PostgreSQL', async () => opener())

describe('the inbox on PostgreSQL', { timeout: 60_000 }, () => {
  test('a reader that nobody told of a message finds it all the same', async (context) => {
    const inbox = await prepared(context, opener(), 2)
    const reader = await reading(context, inbox, 1)
    await admin.query(`insert into event_log.inbox (partition, value) values (1, 'silent')`)
    assert.deepEqual(textsOf(await reader.take(1)), ['silent'])
  })

  test('who takes a partition over gets what came a moment before, and nothing older', async (context) => {
    const inbox = await prepared(context, opener(), 2)
    await inbox.send([message(1, 'old'), message(1, 'older')])
    await admin.query(`update event_log.inbox set at = at - interval '1 minute'`)
    await inbox.send([message(1, 'new'), message(1, 'newest')])
    assert.deepEqual(textsOf(await read(context, inboxHandle(context, opener()), 1).take(2)), ['new', 'newest'])
  })

  test('a message with an earlier id is not seen later: both are read', async (context) => {
    const inbox = await prepared(context, opener(), 2)
    const reader = await reading(context, inbox, 1)
    await admin.query('begin')
    await admin.query(`select pg_advisory_xact_lock(hashtext('micropay.event_log.inbox'))`)
    await admin.query(`insert into event_log.inbox (partition, value) values (1, 'slow')`)
    const sending = inbox.send([message(1, 'fast')])
    await Promise.race([sending, waitingForLock()])
    await systemClock.sleep(50)
    await admin.query('commit')
    await sending
    assert.deepEqual(textsOf(await reader.take(2)), ['slow', 'fast'])
  })

  test('a server that crashed has forgotten all, and counts from the beginning: readers go on', async (context) => {
    const inbox = await prepared(context, opener(), 2)
    const reader = await reading(context, inbox, 1)
    await admin.query('truncate event_log.inbox restart identity')
    await endConnections()
    while (
      !(await inbox.send([message(1, 'after')]).then(
        () => true,
        () => false,
      ))
    );
    while (textsOf(await reader.take(1))[0] !== 'after');
  })

  test('messages are deleted after their time, by whoever reads', async (context) => {
    const inbox = await prepared(context, opener({ keptMs: 60_000, deleteEveryMs: 10 }), 2)
    const many = Array.from({ length: 2_500 }, (_, index) => message(1, `${index}`))
    await inbox.send(many)
    await admin.query(`update event_log.inbox set at = at - interval '2 minutes'`)
    await inbox.send([message(1, 'kept')])
    await reading(context, inbox, 0)
    while ((await messages()) > 2) await systemClock.sleep(10)
    assert.equal(await messages(), 2)
  })

  test('inboxes that were not prepared are an outage', async (context) => {
    const troubled = Promise.withResolvers<Error>()
    const inbox = inboxHandle(context, opener())
    const reader = read(context, inbox, 0, troubled.resolve)
    assert.match((await troubled.promise).message, /does not exist/)
    await inbox.prepare(1)
    await inbox.send([message(0, 'there')])
    assert.deepEqual(textsOf(await reader.take(1)), ['there'])
  })
})

function opener(options: Partial<PostgresInboxOptions> = {}) {
  return () => openPostgresInbox({ url: database.url, clock: systemClock, log, ...options })
}

/** Reads from now on. */
async function reading(context: TestContext, inbox: Inbox, partition: number) {
  const reader = read(context, inbox, partition)
  await inbox.send([message(partition, 'first')])
  await reader.take(1)
  return reader
}

async function waitingForLock(): Promise<void> {
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  while ((await admin.query(waiting)).rowCount === 0) await systemClock.turn()
}

async function endConnections(): Promise<void> {
  await admin.query(
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity
     where application_name = 'micropay-inbox' and datname = current_database()`,
  )
}

async function messages(): Promise<number> {
  return (
    (await admin.query<{ count: number }>('select count(*)::int as count from event_log.inbox')).rows[0]?.count ?? 0
  )
}
