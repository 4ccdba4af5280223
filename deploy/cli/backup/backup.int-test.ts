import assert from 'node:assert/strict'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { appendTo, readRecords } from '@micropay/event-log/log-reading.fixture'
import { type LogEnvironment, openEventLog } from '@micropay/event-log/open-event-log'
import { run } from '@micropay/local/run-program.fixture'
import { testKafka, testPostgres } from '@micropay/local/stores/test-services'
import { createLogger } from '@micropay/runtime/logger'

const quiet = createLogger('backup', 'silent')

async function recordsIn(config: LogEnvironment) {
  const log = openEventLog(config, quiet)
  const records = await readRecords(log, 0, 0n, Number(await log.end(0))).finally(() => log.close())
  return records.map(({ offset, key, value }) => [offset, key, Buffer.from(value).toString('base64')])
}

test('micropay backs a log in PostgreSQL up, by and by, and restores it into Kafka byte for byte', async (context) => {
  await using database = await testPostgres()
  await using kafka = await testKafka()
  const directory = await mkdtemp(join(tmpdir(), 'micropay-backup-'))
  context.after(() => rm(directory, { recursive: true }))
  const folder = join(directory, 'copy')
  const [postgres, topic] = [{ LOG: 'postgres', LOG_DATABASE_URL: database.url } as const, kafka.name('restored')]
  const inKafka = { LOG: 'kafka', KAFKA_BROKERS: kafka.brokers.join(','), KAFKA_TOPIC: topic } as const
  const micropay = (args: readonly string[], settings: Readonly<Record<string, string>> = {}) =>
    run('deploy/cli/main.ts', [...args], { MICROPAY_HOME: '/nonexistent', ...settings }).ended
  const config = { ...postgres, KAFKA_TOPIC: '', KAFKA_REPLICATION: 1 }

  const ledger = createLedger()
  const log = openEventLog(config, quiet)
  context.after(() => log.close())
  await log.prepare(1)
  const begun = [
    ledger.genesis(),
    ledger.claim(),
    ledger.open('cash', { type: 'external', overdraftLimit: 'unlimited' }),
  ]
  await appendTo(log, 0, [...begun, ledger.open('ada')])
  const first = await micropay(['backup', folder], postgres)
  assert.match(first.output, /000001-.*: 4 records[\s\S]*partition 0: up to 0:2, hash/)
  assert.equal(first.code, 0, first.output)
  await appendTo(
    log,
    0,
    Array.from({ length: 1_200 }, (_, index) => ledger.pay([['cash', 'ada', index + 1]])),
  )
  const second = await micropay(['backup', folder], postgres)
  assert.match(second.output, /000002-.*: 1,200 records/)
  assert.equal((await stat(folder)).mode & 0o777, 0o700)
  const checked = await micropay(['backup', 'check', folder])
  assert.match(checked.output, /2 files, 1,204 records of the ledger test-ledger[\s\S]*up to 0:1202, hash/)

  const filled = await micropay(['restore', folder, '--complete'], postgres)
  assert.equal(filled.code, 3, filled.output)
  assert.match(filled.output, /the log is not empty: partition 0 has 1,204 records/)
  const restored = await micropay(['restore', folder, '--complete'], { ...inKafka, LEDGER_ID: 'test-ledger' })
  assert.equal(restored.code, 0, restored.output)
  assert.match(restored.output, /All of the backup is in the log, and it is sound/)
  const brokers = { LOG: 'kafka', KAFKA_BROKERS: kafka.brokers, KAFKA_TOPIC: topic, KAFKA_REPLICATION: 1 } as const
  assert.deepEqual(await recordsIn(brokers), await recordsIn(config))
  const again = await micropay(['backup', folder], inKafka)
  assert.match(again.output, /The log holds nothing that the backup of .* has not/)
})
