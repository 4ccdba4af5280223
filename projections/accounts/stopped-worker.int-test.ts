import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { hostname } from 'node:os'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { openPostgresLog } from '@micropay/event-log/postgres/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { balancesOf, eventually, reached } from '../versions/projections.fixture.ts'
import { openTestDatabase } from '../versions/test-database.fixture.ts'

/** A lease lasts 15 s, and so do the locks of a transaction that stands still, in the middle of a COPY too. */
const TAKEN_OVER_WITHIN_MS = 30_000

test('a worker that stands still, in the middle of a batch too, is taken over from', { timeout: 180_000 }, async () => {
  const [ledgerDatabase, database] = await Promise.all([openTestDatabase(), openTestDatabase()])
  const log = openPostgresLog({ url: ledgerDatabase.url, clock: systemClock, log: createLogger('test', 'silent') })
  await log.prepare(1)
  const appender = await log.openAppender(0)
  const ledger = createLedger()
  await appender.append([ledger.genesis(), ledger.claim()])
  await appender.append([ledger.open('cash', { type: 'external', overdraftLimit: 'unlimited' }), ledger.open('ada')])
  const workers = [startWorker(), startWorker()]
  try {
    await reached(database.pool, 2)
    const holder = await eventually('one of them has the lease', async () => {
      const { rows } = await database.pool.query('select owner_id from projection.lease where name like $1', [
        'projection %',
      ])
      return workers.find(({ pid }) => rows[0]?.owner_id === `${hostname()}-${pid}`)
    })
    for (let batch = 0; batch < 20; batch += 1) {
      await appender.append(Array.from({ length: 100 }, () => ledger.pay([['cash', 'ada', 1]])))
    }
    holder.kill('SIGSTOP')
    const schema = await eventually(
      'the other one goes on',
      async () => {
        const { rows } = await database.pool.query(
          `select schema_name from projection.checkpoint join projection.version using (schema_name)
           where state = 'live' and seq = 2002`,
        )
        return rows[0]?.schema_name as string | undefined
      },
      TAKEN_OVER_WITHIN_MS,
    )
    await appender.append([ledger.pay([['cash', 'ada', 1]])])
    await reached(database.pool, 2_003)
    assert.deepEqual(await balancesOf(database.pool, schema), { ada: '2001', cash: '-2001' })
  } finally {
    for (const worker of workers) worker.kill('SIGKILL')
    await appender.close()
    await log.close()
    await database.close()
    await ledgerDatabase.close()
  }

  function startWorker(): ChildProcess {
    return spawn(process.execPath, [fileURLToPath(new URL('./main.ts', import.meta.url))], {
      stdio: 'ignore',
      env: {
        ...{ PORT: '0', LOG: 'postgres', LOG_DATABASE_URL: ledgerDatabase.url },
        ...{ ACCOUNTS_DATABASE_URL: database.url, OIDC_ISSUER: 'http://127.0.0.1:9', LOG_LEVEL: 'silent' },
      },
    })
  }
})
