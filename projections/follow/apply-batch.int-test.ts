import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { LogRecord, NewRecord } from '@micropay/event-log/event-log'
import { foldBatch } from '@micropay/event-log/fold-batch'
import { initialFold } from '@micropay/event-log/fold-state'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { inTransaction } from '@micropay/runtime/transaction'
import { accountsProjection } from '../accounts/projection.ts'
import { auditProjection } from '../audit/projection.ts'
import type { Projection } from '../projection.ts'
import { reconciliationProjection } from '../reconciliation/projection.ts'
import { openTestDatabase, rowsOf } from '../versions/test-database.fixture.ts'
import { prepareVersions } from '../versions/versions.ts'
import { applyBatch, type Batch } from './apply-batch.ts'
import { CheckpointMovedError } from './checkpoint.ts'

const awkward = {
  reference: 'a\tb\\N "quoted"',
  description: '{NULL},\n\\.',
  metadata: { operation: `it's "so", \\ {x}` },
}
const steps = (): NewRecord[][] => {
  const ledger = createLedger()
  return [
    [ledger.genesis(), ledger.claim()],
    [
      ledger.open('{cash}', { type: 'external', overdraftLimit: 'unlimited' }),
      ledger.open('ada', { name: 'Ada "A" \\' }),
    ],
    [ledger.pay([['{cash}', 'ada', 100]], awkward)],
    [ledger.pay([['{cash}', 'ada', 7]]), ledger.pay([['ada', '{cash}', 3]]), ledger.heartbeat()],
    [ledger.refuse({ postings: [{ from: 'ada', to: '{cash}', amount: '1000', currency: 'EUR' }] })],
    [ledger.freeze('ada')],
  ]
}

let database: Awaited<ReturnType<typeof openTestDatabase>>
before(async () => {
  database = await openTestDatabase()
})
after(() => database.close())

for (const projection of [accountsProjection, reconciliationProjection, auditProjection]) {
  describe(`a batch of ${projection.name} as one statement`, () => {
    test('writes what its transaction of several writes', async () => {
      let batches = 0
      const one = await follow(projection, (batch) => {
        batches += 1
        // What the writer before has left to others is settled with the first.
        assert.ok(batch.changes.parts || batches === 1)
        return batch
      })
      const rowsOfOne = await rowsOf(database.pool, one.schema)
      const several = await follow(projection, (batch) => ({
        ...batch,
        changes: { ...batch.changes, parts: undefined },
      }))
      assert.deepEqual(await rowsOf(database.pool, several.schema), rowsOfOne)
      assert.ok(Object.values(rowsOfOne).some((rows) => rows.length > 1))
    })

    test('writes nothing when another worker moved the checkpoint, or the registry has no such version any more', async () => {
      const { schema, last } = await follow(projection, (batch) => batch)
      const before = await rowsOf(database.pool, schema)
      const move = { schema, caughtUpAgoMs: undefined, ratePerSecond: 0 }
      await assert.rejects(applyBatch(database.pool, { projection, schema }, last, move), CheckpointMovedError)
      assert.deepEqual(await rowsOf(database.pool, schema), before)
      await database.pool.query('delete from projection.version')
      await assert.rejects(applyBatch(database.pool, { projection, schema }, last, move), CheckpointMovedError)
      assert.deepEqual(await rowsOf(database.pool, schema), before)
    })
  })
}

test('a version that a switch retired meanwhile is known as retired, and nobody is told of it', async () => {
  const told: string[] = []
  const listener = await database.pool.connect()
  listener.on('notification', ({ payload }) => told.push(payload ?? ''))
  const { schema, last } = await follow(accountsProjection, (batch) => batch)
  await listener.query(`listen ${accountsProjection.channel}`)
  const switching = await database.pool.connect()
  await switching.query('begin; select from projection.checkpoint for update')
  const [from, changes] = [last.to, accountsProjection.openWriter(schema, 0).take()]
  const batch = { from, to: { ...from, offset: from.offset + 1n }, records: 1, commits: 1, changes }
  const move = { schema, caughtUpAgoMs: undefined, ratePerSecond: 0 }
  const applying = applyBatch(database.pool, { projection: accountsProjection, schema }, batch, move)
  await untilWaiting()
  await switching.query(`update projection.version set state = 'retired'; commit`)
  switching.release()
  assert.equal(await applying, 'retired')
  await listener.query('select 1')
  listener.release(true)
  assert.deepEqual(told, [])
})

/** Until a statement waits for another's lock. */
async function untilWaiting(): Promise<void> {
  for (;;) {
    const waiting = await database.pool.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    if (waiting.rowCount) return
  }
}

test('listeners are told the position and what changed', async () => {
  const told: string[] = []
  const listener = await database.pool.connect()
  listener.on('notification', ({ payload }) => told.push(payload ?? ''))
  await listener.query(`listen ${accountsProjection.channel}`)
  await follow(accountsProjection, (batch) => batch)
  await listener.query('select 1')
  listener.release(true)
  assert.deepEqual(told, [
    '0:2 [["acme","{cash}","ada"]]',
    '0:3 [["acme","{cash}","ada"]]',
    '0:5 [["acme","{cash}","ada"]]',
    '0:6 []',
    '0:7 [["acme","ada"]]',
  ])
})

/** Applies all steps, each a batch, to a new live version. */
async function follow(projection: Projection, change: (batch: Batch) => Batch) {
  const { pool } = database
  await pool.query('create schema if not exists projection')
  await inTransaction(pool, async (client) => {
    const made = await client.query(`select to_regclass('projection.version') is not null as is_made`)
    if (made.rows[0].is_made) await client.query('delete from projection.version')
  })
  const { schema } = await prepareVersions(pool, projection, 1)
  const writer = projection.openWriter(schema, 0)
  let state = initialFold(0)
  let last: Batch | undefined
  for (const records of steps()) {
    const stored = records.map((record, index): LogRecord => ({ ...record, offset: state.offset + BigInt(index) }))
    const { commits, folds, state: to } = foldBatch(state, stored, { partitions: 1 })
    await writer.prepare(pool, commits)
    writer.fold(commits, folds)
    const counts = { records: folds.length, commits: commits.length }
    last = change({ from: state, to, ...counts, changes: writer.take() })
    await applyBatch(pool, { projection, schema }, last, { schema, caughtUpAgoMs: undefined, ratePerSecond: 0 })
    state = to
  }
  if (!last) throw new Error('there is no step')
  return { schema, last }
}
