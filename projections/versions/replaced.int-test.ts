import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type EventLog, LogError } from '@micropay/event-log/event-log'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { followPartition } from '../follow/follow-partition.ts'
import { liveSchema, reached, startProjections } from './projections.fixture.ts'
import { beginRebuild, catchUpAndSwitch } from './rebuild.ts'

/** A version that another has replaced while nobody followed it, and the ledger to go on with. */
async function replacedVersion(context: TestContext) {
  const projections = await startProjections()
  context.after(() => projections.close())
  const ledger = createLedger()
  await projections.append(ledger.genesis(), ledger.claim(), ledger.open('ada'))
  const worker = projections.startWorker()
  const schema = await reached(projections.pool, 1)
  await worker.close()
  await projections.pool.query(`update projection.version set state = 'retired' where schema_name = $1`, [schema])
  return { projections, ledger, source: { ...projections, schema, partition: 0 } }
}

test('who follows a version that another has replaced ends with its next batch', async (context) => {
  const { projections, ledger, source } = await replacedVersion(context)
  const { log } = projections
  let looks = 0
  // Once it has begun it cannot see where the log ends, which is the other way to notice.
  const end: EventLog['end'] = async (partition) => {
    looks += 1
    if (looks > 1) throw new LogError('log_unavailable', 'not now')
    return log.end(partition)
  }
  const following = followPartition({ ...source, log: { ...log, end } }, AbortSignal.timeout(20_000))
  await projections.append(ledger.open('ben'))
  assert.equal(await following, 'replaced')
})

test('and where nothing comes, too', async (context) => {
  const { source } = await replacedVersion(context)
  assert.equal(await followPartition(source, AbortSignal.timeout(20_000)), 'replaced')
})

test('while versions are switched nobody moves the live one, so the new one is as far', async (context) => {
  const projections = await startProjections()
  context.after(() => projections.close())
  const { pool, projection, partitions, log } = projections
  const ledger = createLedger()
  await projections.append(ledger.genesis(), ledger.claim(), ledger.open('ada'), ledger.open('ben'))
  const worker = projections.startWorker()
  const live = await reached(pool, 2)
  const made = await beginRebuild(pool, projection, partitions)
  const unlocked: number[] = []
  let isFarther = false
  const read: EventLog['read'] = async function* (...asked) {
    const { rowCount } = await pool.query(
      'select from projection.checkpoint where schema_name = $1 for update skip locked',
      [live],
    )
    unlocked.push(rowCount ?? 0)
    yield* log.read(...asked)
    const caughtUp = await pool.query('select from projection.checkpoint where schema_name = $1 and seq = 2', [made])
    if (isFarther || caughtUp.rowCount === 0) return
    isFarther = true
    await projections.append(ledger.open('cleo'))
    await reached(pool, 3)
  }
  await catchUpAndSwitch({ ...projections, log: { ...log, read } }, made, new AbortController().signal)
  await worker.close()
  assert.equal(await liveSchema(pool), made)
  await reached(pool, 3)
  assert.equal(unlocked[0], 1, 'the most of it while the live one goes on')
  assert.equal(unlocked.at(-1), 0, 'the new version catches up while the live one is locked')
})
