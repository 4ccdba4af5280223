import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { testKafka } from '@micropay/local/stores/test-services'
import { systemClock } from '@micropay/runtime/clock'
import { openTcpProxyTo } from '@micropay/runtime/tcp-proxy.fixture'
import { freshName, makeTestDatabase } from '@micropay/runtime/test-database.fixture'
import { type RunningService, startService, untilReady } from './service.fixture.ts'

test('with the log on Kafka, who claimed last starts without PostgreSQL, and another one waits', async () => {
  await using database = await makeTestDatabase()
  await using proxy = await openTcpProxyTo(database.url)
  const kafka = await testKafka()
  const ledger = freshName('without-leases')
  const directory = mkdtempSync(join(tmpdir(), 'micropay-without-leases-'))
  const running: RunningService[] = []
  const start = async (name: string) => {
    const worker = await startService(name, '../../write-side/main.ts', {
      ...{ LOG: 'kafka', KAFKA_BROKERS: kafka.brokers.join(','), KAFKA_TOPIC: ledger, LEDGER_ID: ledger },
      ...{ LEASE_DATABASE_URL: proxy.through(database.url), WORKER_ID: name, STATE_DIRECTORY: join(directory, name) },
    })
    running.push(worker)
    return worker
  }
  try {
    const before = await start('first')
    await untilReady(before)
    proxy.set('hold')
    const ended = once(before.child, 'exit')
    before.child.kill('SIGTERM')
    assert.deepEqual(await ended, [0, null])
    const second = await start('second')
    await until(second, 'partition 0: waiting for the lease database')
    const again = await start('first')
    await untilReady(again)
    await until(second, 'partition 0: waiting for the lease database')
    proxy.set('pass')
    // Whoever asks first has the lease then.
    const waits = 'partition 0: waiting for the lease'
    await Promise.race([until(again, waits), until(second, waits)])
  } finally {
    for (const { child } of running) child.kill('SIGKILL')
    await rm(directory, { recursive: true, force: true })
  }
})

async function until({ address }: RunningService, reason: string): Promise<void> {
  for (;;) {
    const told: unknown = await (await fetch(`${address}/health/ready`)).json()
    if (told && typeof told === 'object' && 'reason' in told && told.reason === reason) return
    await systemClock.sleep(50)
  }
}
