import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditProjection } from '../audit/projection.ts'
import { createIndexes } from './create-indexes.ts'
import { eventually } from './projections.fixture.ts'
import { openTestDatabase } from './test-database.fixture.ts'

test('an abort cancels the indexes that are being made', async () => {
  const database = await openTestDatabase()
  const { pool } = database
  const making = `select 'a large index' from pg_sleep(600)`
  const active = async () => {
    const found = await pool.query(`select 1 from pg_stat_activity where query = $1 and state = 'active'`, [making])
    return found.rowCount
  }
  try {
    const stop = new AbortController()
    const slow = { ...auditProjection, indexes: () => [making, making, making] }
    const made = assert.rejects(createIndexes(pool, slow, 'public', stop.signal), { name: 'AbortError' })
    await eventually('two are being made', async () => ((await active()) === 2 ? true : undefined))
    stop.abort()
    await made
    // PostgreSQL says that a statement failed before it says that it is idle.
    await eventually('none is being made', async () => ((await active()) === 0 ? true : undefined))
    const quick = { ...auditProjection, indexes: () => ['select 1'] }
    await assert.rejects(createIndexes(pool, quick, 'public', AbortSignal.abort()), { name: 'AbortError' })
  } finally {
    await database.close()
  }
})
