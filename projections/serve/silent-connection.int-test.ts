import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { type EventLog, LogError } from '@micropay/event-log/event-log'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { systemClock } from '@micropay/runtime/clock'
import { openPool } from '@micropay/runtime/pool'
import { openTcpProxyTo, type TcpProxy } from '@micropay/runtime/tcp-proxy.fixture'
import type { Pool } from 'pg'
import { createIndexes } from '../versions/create-indexes.ts'
import {
  assertConsistent,
  balancesOf,
  begunSchema,
  eventually,
  liveSchema,
  reached,
  startProjections,
} from '../versions/projections.fixture.ts'
import { beginRebuild, catchUpAndSwitch } from '../versions/rebuild.ts'
import { startWorker, type Worker } from './worker.ts'
import type { WorkerDeps } from './worker-state.ts'

/** What one fault may cost. */
const HEALS_WITHIN_MS = 30_000

describe('a projection whose connections die without a word', { timeout: 180_000 }, () => {
  let projections: Awaited<ReturnType<typeof startProjections>>
  let proxy: TcpProxy
  let pool: Pool
  let worker: Worker
  let ledger: ReturnType<typeof createLedger>

  beforeEach(async () => {
    projections = await startProjections()
    proxy = await openTcpProxyTo(projections.databaseUrl)
    const databaseUrl = proxy.through(projections.databaseUrl)
    pool = openPool(databaseUrl, projections.logger, { max: 9, statement_timeout: 5_000, application_name: 'silent' })
    const deps: WorkerDeps = { ...projections, pool, databaseUrl }
    worker = startWorker(deps)
    ledger = createLedger()
    const external = { type: 'external', overdraftLimit: 'unlimited' } as const
    await projections.append(ledger.genesis(), ledger.claim(), ledger.open('cash', external), ledger.open('ada'))
    await reached(projections.pool, 2)
  })
  afterEach(async () => {
    proxy.set('cut')
    await worker.close()
    await pool.end()
    await proxy.close()
    await projections.close()
  })

  const pay = (times: number) =>
    projections.append(...Array.from({ length: times }, () => ledger.pay([['cash', 'ada', 1]])))
  const swallowed = async (bytes: number) => {
    while (proxy.swallowedBytes() < bytes) await systemClock.turn()
  }

  test('goes on by itself once they can be made anew: what it applies, watches and holds its lease by', async () => {
    await pay(10)
    proxy.set('hold')
    await pay(2_000)
    await swallowed(5_000)
    proxy.set('pass')
    const schema = await eventually('it goes on', () => atSeq(projections.pool, 2_012), HEALS_WITHIN_MS)
    assert.deepEqual(await balancesOf(projections.pool, schema), { ada: '2010', cash: '-2010' })
    await assertConsistent(projections.pool, schema, 2_010, 2_010)
  })

  test('can be rebuilt again once they can be made anew', async () => {
    await pay(3_000)
    const before = await reached(projections.pool, 3_002)
    await begunSchema(worker.startRebuild())
    proxy.set('hold')
    await swallowed(1_000)
    proxy.set('pass')
    const next = await eventually(
      'it can be rebuilt again',
      async () => {
        const begun = await worker.startRebuild().catch(() => undefined)
        return begun?.kind === 'begun' ? begun.schema : undefined
      },
      HEALS_WITHIN_MS,
    )
    assert.equal(await liveSchema(projections.pool), before)
    await eventually('the rebuild is live', async () =>
      (await liveSchema(projections.pool)) === next ? true : undefined,
    )
  })

  test('leaves the live version to the next worker where it stands still while versions are switched', async () => {
    await worker.close()
    projections.startWorker()
    await pay(1)
    const live = await reached(projections.pool, 3)
    const made = await beginRebuild(pool, projections.projection, 1)
    let isFarther = false
    const read: EventLog['read'] = async function* (...asked) {
      const { rowCount } = await projections.pool.query(
        'select from projection.checkpoint where schema_name = $1 for update skip locked',
        [live],
      )
      if (isFarther && rowCount === 0) proxy.set('hold')
      yield* projections.log.read(...asked)
      const caughtUp = await projections.pool.query(
        'select from projection.checkpoint where schema_name = $1 and seq = 3',
        [made],
      )
      if (isFarther || caughtUp.rowCount === 0) return
      // What the live version has more by now is left for the moment in which it must not go on.
      isFarther = true
      await pay(1)
      await reached(projections.pool, 4)
    }
    const source = { ...projections, pool, log: { ...projections.log, read } }

    const switching = assert.rejects(catchUpAndSwitch(source, made, new AbortController().signal))
    await swallowed(1)
    const late = systemClock.deadline(HEALS_WITHIN_MS)
    await pay(10)
    await eventually('the other one goes on', () => atSeq(projections.pool, 14), 2 * HEALS_WITHIN_MS)
    assert.equal(late.aborted, false)
    proxy.set('cut')
    await switching
  })

  test('ends an index whose answer was lost, and not one that takes long', async () => {
    const slow = { ...projections.projection, indexes: () => [`select pg_sleep(10)`] }
    await createIndexes(pool, slow, 'public', new AbortController().signal)
    const lost = { ...projections.projection, indexes: () => [`select pg_sleep(2)`] }
    const failing = assert.rejects(createIndexes(pool, lost, 'public', new AbortController().signal))
    await eventually('it is being made', async () => {
      const { rowCount } = await projections.pool.query(
        `select from pg_stat_activity where query = 'select pg_sleep(2)' and state = 'active'`,
      )
      return rowCount === 1 ? true : undefined
    })
    proxy.set('hold')
    const late = systemClock.deadline(HEALS_WITHIN_MS)
    await failing
    assert.equal(late.aborted, false)
  })
})

test('a worker that the log alone does not answer loses its lease to one that gets on', {
  timeout: 120_000,
}, async () => {
  const projections = await startProjections()
  const noLog: EventLog = {
    ...projections.log,
    end: () => Promise.reject(new LogError('log_unavailable', 'no way to the log')),
  }
  const cutOff = startWorker({ ...projections, log: { ...noLog, read: unreadable } })
  try {
    await eventually('it waits for the log', async () => cutOff.troubledBy())
    const ledger = createLedger()
    await projections.append(ledger.genesis(), ledger.claim(), ledger.open('ada'))
    projections.startWorker()
    await eventually('the other one goes on', () => atSeq(projections.pool, 1), 45_000)
  } finally {
    await cutOff.close()
    await projections.close()
  }
})

const unreadable: EventLog['read'] = () => ({
  [Symbol.asyncIterator]: () => ({
    next: () => Promise.reject(new LogError('log_unavailable', 'no way to the log')),
  }),
})

async function atSeq(pool: Pool, seq: number): Promise<string | undefined> {
  const { rows } = await pool.query(
    `select schema_name, seq from projection.checkpoint join projection.version using (schema_name)
     where state = 'live' and seq >= $1`,
    [seq],
  )
  return rows[0]?.schema_name
}
