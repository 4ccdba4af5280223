import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { openPostgresLog } from '@micropay/event-log/postgres/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { assertConsistent, balancesOf, eventually, liveSchema, reached } from '../versions/projections.fixture.ts'
import { openTestDatabase } from '../versions/test-database.fixture.ts'

test('two workers on a PostgreSQL log, killed again and again in the middle of their work, apply every commit once', async () => {
  const [ledgerDatabase, database] = await Promise.all([openTestDatabase(), openTestDatabase()])
  const log = openPostgresLog({ url: ledgerDatabase.url, clock: systemClock, log: createLogger('test', 'silent') })
  await log.prepare(1)
  const appender = await log.openAppender(0)
  const running = new Set<ChildProcess>()
  const start = () => {
    const child = spawn(process.execPath, [fileURLToPath(new URL('./main.ts', import.meta.url))], {
      stdio: 'ignore',
      env: {
        PORT: '0',
        LOG: 'postgres',
        LOG_DATABASE_URL: ledgerDatabase.url,
        ACCOUNTS_DATABASE_URL: database.url,
        OIDC_ISSUER: 'http://127.0.0.1:9',
        LOG_LEVEL: 'silent',
      },
    })
    running.add(child)
    child.on('exit', () => running.delete(child))
    return child
  }
  const appliedSeq = async (schema: string) => {
    const found = await database.pool.query('select seq from projection.checkpoint where schema_name = $1', [schema])
    return Number(found.rows[0]?.seq)
  }
  try {
    const ledger = createLedger()
    await appender.append([ledger.genesis(), ledger.claim()])
    await appender.append([ledger.open('cash', { type: 'external', overdraftLimit: 'unlimited' }), ledger.open('ada')])
    let workers = [start(), start()]
    const schema = await eventually('a worker makes the tables', () => liveSchema(database.pool))
    for (let round = 0; round < 3; round += 1) {
      const before = await appliedSeq(schema)
      for (let batch = 0; batch < 40; batch += 1) {
        await appender.append(Array.from({ length: 100 }, () => ledger.pay([['cash', 'ada', 1]])))
      }
      await eventually('the work has begun', async () => ((await appliedSeq(schema)) > before + 100 ? true : undefined))
      const exits = workers.map((worker) => once(worker, 'exit'))
      for (const worker of workers) worker.kill('SIGKILL')
      await Promise.all(exits)
      workers = [start(), start()]
    }
    await reached(database.pool, 12_002)
    assert.deepEqual(await balancesOf(database.pool, schema), { ada: '12000', cash: '-12000' })
    await assertConsistent(database.pool, schema, 12_000, 12_000)

    const [one, other] = workers
    const ended = Promise.all(workers.map((worker) => once(worker, 'exit')))
    one?.kill('SIGTERM')
    other?.kill('SIGTERM')
    assert.deepEqual(await ended, [
      [0, null],
      [0, null],
    ])
  } finally {
    for (const child of running) child.kill('SIGKILL')
    await appender.close()
    await log.close()
    await database.close()
    await ledgerDatabase.close()
  }
})
