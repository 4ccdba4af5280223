import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { type LogEnvironment, openEventLog } from '@micropay/event-log/open-event-log'
import { run } from '@micropay/local/run-program.fixture'
import { testKafka, testPostgres } from '@micropay/local/stores/test-services'
import { createLogger } from '@micropay/runtime/logger'
import { Client } from 'pg'

type Settings = { readonly [Name in keyof LogEnvironment]?: string } & { readonly MICROPAY_HOME?: string }

/** Appends a sound book, and whatever else the test wants behind it. */
async function writeBook(config: LogEnvironment, last: 'zombie' | 'none') {
  const log = openEventLog(config, createLogger('test', 'silent'))
  await log.prepare(1)
  const appender = await log.openAppender(0)
  const ledger = createLedger()
  const start = [
    ledger.genesis(),
    ledger.claim(),
    ledger.open('cash', { type: 'external', overdraftLimit: 'unlimited' }),
  ]
  await appender.append([
    ...start,
    ledger.open('ada'),
    ledger.pay([['cash', 'ada', 1050]]),
    ledger.pay([['ada', 'cash', 1]]),
  ])
  if (last === 'zombie') {
    const late = ledger.pay([['cash', 'ada', 9]])
    await appender.append([ledger.claim(), late])
  }
  await appender.close()
  await log.close()
}

const verify = (settings: Settings) =>
  run('deploy/cli/main.ts', ['verify'], { MICROPAY_HOME: '/nonexistent', ...settings }).ended

test('micropay verify reads PostgreSQL itself, and ends with 1 once a stored record was changed', async () => {
  await using database = await testPostgres()
  const settings = { LOG: 'postgres', LOG_DATABASE_URL: database.url } as const
  await writeBook({ ...settings, KAFKA_TOPIC: '', KAFKA_REPLICATION: 1 }, 'none')
  const sound = await verify(settings)
  assert.equal(sound.code, 0, sound.output)
  assert.match(
    sound.output,
    /6 records[\s\S]*4 commits, 1 claim,[\s\S]*void +none[\s\S]*sums +EUR 0[\s\S]*The log is sound/,
  )

  const client = new Client(database.url)
  await client.connect()
  const swap = `convert_to(replace(convert_from(value, 'UTF8'), '1050"', '9050"'), 'UTF8')`
  await client.query(`update event_log.records set value = ${swap} where "offset" = 4`)
  await client.end()
  const changed = await verify(settings)
  assert.equal(changed.code, 1, changed.output)
  assert.match(changed.output, /FAULT +chain_broken at seq 3: record 0:3 or what follows was changed; 1 commit/)
  assert.match(changed.output, /NOT sound/)
})

test('micropay verify compares the log with what it was the last time', async (context) => {
  await using database = await testPostgres()
  const home = await mkdtemp(join(tmpdir(), 'micropay-verified-'))
  context.after(() => rm(home, { recursive: true, force: true }))
  const settings = { LOG: 'postgres', LOG_DATABASE_URL: database.url, MICROPAY_HOME: home } as const
  await writeBook({ ...settings, KAFKA_TOPIC: '', KAFKA_REPLICATION: 1 }, 'none')
  const first = await verify(settings)
  assert.match(first.output, /compared +with nothing[\s\S]*is kept in .*verified-[0-9a-f]{16}\.json/)
  assert.match((await verify(settings)).output, /compared +with 0:4, verified on 20[\s\S]*The log is sound/)

  const client = new Client(database.url)
  await client.connect()
  await client.query(
    'delete from event_log.records where "offset" >= 4; update event_log.partitions set next_offset = 4',
  )
  await client.end()
  const cut = await verify(settings)
  assert.equal(cut.code, 1, cut.output)
  assert.match(
    cut.output,
    /FAULT +log_truncated at seq 2: the log counts up to 0:2, before 0:4 that was verified on 20/,
  )
  const again = await verify(settings)
  assert.match(again.output, /FAULT +log_truncated/, 'what is not sound is not kept')

  const [kept = ''] = await readdir(home)
  await writeFile(join(home, kept), '{')
  assert.match((await verify(settings)).output, /what was verified before cannot be read from .*put an older copy/)
})

test('micropay verify reads Kafka itself, and shows what is void', async () => {
  await using kafka = await testKafka()
  const KAFKA_TOPIC = kafka.name('ledger')
  const config = { LOG: 'kafka', KAFKA_BROKERS: kafka.brokers, KAFKA_TOPIC, KAFKA_REPLICATION: 1 } as const
  await writeBook(config, 'zombie')
  const { code, output } = await verify({ LOG: 'kafka', KAFKA_BROKERS: kafka.brokers.join(','), KAFKA_TOPIC })
  assert.equal(code, 0, output)
  assert.match(output, /8 records[\s\S]*void +1 stale_epoch[\s\S]*epoch 2[\s\S]*The log is sound/)
})

test('micropay verify says what it needs when no log is named, and when it cannot be reached or is empty', async () => {
  const none = await verify({})
  assert.equal(none.code, 1)
  assert.match(none.output, /no log to verify[\s\S]*set LOG/)
  const away = await verify({ LOG: 'postgres', LOG_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })
  assert.equal(away.code, 1)
  assert.match(away.output, /the log cannot be read: .*ECONNREFUSED/)
  await using database = await testPostgres()
  const settings = { LOG: 'postgres', LOG_DATABASE_URL: database.url } as const
  const log = openEventLog({ ...settings, KAFKA_TOPIC: '', KAFKA_REPLICATION: 1 }, createLogger('test', 'silent'))
  await log.prepare(1)
  await log.close()
  const empty = await verify(settings)
  assert.equal(empty.code, 1)
  assert.match(empty.output, /empty: nothing was verified/)
})
