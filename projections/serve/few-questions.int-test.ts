import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openPool } from '@micropay/runtime/pool'
import { eventually, startProjections } from '../versions/projections.fixture.ts'
import { startWorker } from './worker.ts'

const PARTITIONS = 32

test('partitions at the end of their logs ask together, and what holds up one holds up no other', async (context) => {
  const projections = await startProjections(PARTITIONS)
  const { databaseUrl, pool } = projections
  const counting = openPool(databaseUrl, createLogger('test', 'silent'), { max: 7, application_name: 'tests' })
  let questions = 0
  const query: unknown = Reflect.get(counting, 'query')
  assert.ok(typeof query === 'function')
  Reflect.set(counting, 'query', (...asked: unknown[]) => {
    questions += 1
    return query.apply(counting, asked)
  })
  const worker = startWorker({ ...projections, pool: counting })
  const holder = await pool.connect()
  context.after(async () => {
    holder.release(true)
    await worker.close()
    await counting.end()
    await projections.close()
  })
  /** How many partitions said within the last second, by the database's clock, that they are at the end. */
  const current = async () => {
    const { rowCount } = await pool
      .query(`select from projection.checkpoint where caught_up_at > clock_timestamp() - interval '1 s'`)
      .catch(() => ({ rowCount: 0 }))
    return rowCount ?? 0
  }
  await eventually('all partitions are at the end', async () => ((await current()) === PARTITIONS ? true : undefined))
  questions = 0
  await systemClock.sleep(2_000)
  assert.ok(questions < 2 * PARTITIONS, `${questions} questions in two seconds`)

  await holder.query('begin')
  await holder.query('select from projection.checkpoint where partition = 7 for update')
  await eventually('the others still are', async () => ((await current()) === PARTITIONS - 1 ? true : undefined))
  await holder.query('rollback')
  await eventually('and so is that one', async () => ((await current()) === PARTITIONS ? true : undefined))
})
