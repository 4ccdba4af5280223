import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventLog } from '@micropay/event-log/event-log'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { followPartition } from '../follow/follow-partition.ts'
import { liveSchema, reached, startProjections } from './projections.fixture.ts'
import { beginRebuild, catchUpAndSwitch } from './rebuild.ts'

test('who follows a version that another has replaced ends with its next batch', {
  timeout: 30_000,
}, async (context) => {
  const projections = await startProjections()
  context.after(() => projections.close())
  const { pool } = projections
  const ledger = createLedger()
  await projections.append(ledger.genesis(), ledger.claim(), ledger.open('ada'))
  const worker = projections.startWorker()
  const schema = await reached(pool, 1)
  await worker.close()
  await pool.query(`update projection.version set state = 'retired' where schema_name = $1`, [schema])
  const following = followPartition({ ...projections, schema, partition: 0 }, AbortSignal.timeout(20_000))
  await projections.append(ledger.open('ben'))
  assert.equal(await following, 'replaced')
})

test('while versions are switched nobody moves the live one, so the new one is as far', async (context) => {
  const projections = await startProjections()
  context.after(() => projections.close())
  const { pool, projection, partitions, log } = projections
  const ledger = createLedger()
  await projections.append(ledger.genesis(), ledger.claim(), ledger.open('ada'), ledger.open('ben'))
  const worker = projections.startWorker()
  const live = await reached(pool, 2)
  await worker.close()
  const unlocked: number[] = []
  const read: EventLog['read'] = async function* (...asked) {
    const { rowCount } = await pool.query(
      'select from projection.checkpoint where schema_name = $1 for update skip locked',
      [live],
    )
    unlocked.push(rowCount ?? 0)
    yield* log.read(...asked)
  }
  const made = await beginRebuild(pool, projection, partitions)
  await catchUpAndSwitch({ ...projections, log: { ...log, read } }, made, new AbortController().signal)
  assert.equal(await liveSchema(pool), made)
  assert.equal(unlocked.at(-1), 0, 'the new version catches up while the live one is locked')
})
