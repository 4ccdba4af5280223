import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foldBatch } from '@micropay/event-log/fold-batch'
import { type FoldState, initialFold } from '@micropay/event-log/fold-state'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { inTransaction } from '@micropay/runtime/transaction'
import type { Pool } from 'pg'
import { accountsProjection } from '../accounts/projection.ts'
import { openTestDatabase } from '../versions/test-database.fixture.ts'
import { prepareVersions } from '../versions/versions.ts'
import { loadCheckpoint, swapCheckpoint } from './checkpoint.ts'

/** The folds behind the second and the fourth record of a ledger. */
function twoFolds(): [FoldState, FoldState] {
  const ledger = createLedger()
  const records = [ledger.genesis(), ledger.claim(), ledger.open('ada'), ledger.open('ben')]
  const folds = [2, 4].map((count) => {
    const read = records.slice(0, count).map((record, offset) => ({ offset: BigInt(offset), ...record }))
    return foldBatch(initialFold(0), read, { partitions: 1 }).state
  })
  return folds as [FoldState, FoldState]
}

async function withVersion(work: (pool: Pool, schema: string) => Promise<void>): Promise<void> {
  const database = await openTestDatabase()
  try {
    const { schema } = await prepareVersions(database.pool, accountsProjection, 1)
    await work(database.pool, schema)
  } finally {
    await database.close()
  }
}

const move = (pool: Pool, schema: string, from: bigint, to: FoldState) =>
  inTransaction(pool, (client) =>
    swapCheckpoint(client, { schema, from, to, caughtUpAgoMs: undefined, ratePerSecond: 0 }),
  )

/** As code did that knew no column `fold`. */
const moveByEarlierCode = (pool: Pool, schema: string, { offset, epoch, claimId, seq, hash, genesis }: FoldState) =>
  pool.query(
    `update projection.checkpoint set log_offset = $2, epoch = $3, claim_id = $4, seq = $5, hash = $6, genesis = $7
     where schema_name = $1`,
    [schema, offset, epoch, claimId, seq, hash, JSON.stringify(genesis)],
  )

test('a checkpoint is read as it was written', () =>
  withVersion(async (pool, schema) => {
    const [, fold] = twoFolds()
    await move(pool, schema, 0n, fold)
    assert.deepEqual(await loadCheckpoint(pool, schema, 0), fold)
    const { rows } = await pool.query('select genesis from projection.checkpoint')
    assert.deepEqual(rows, [{ genesis: fold.genesis }], 'code of before reads it')
  }))

test('a checkpoint of earlier code is gone on from, also where that went on after newer code', () =>
  withVersion(async (pool, schema) => {
    const [first, second] = twoFolds()
    for (const before of [undefined, first]) {
      if (before) await move(pool, schema, second.offset, before)
      await moveByEarlierCode(pool, schema, second)
      const { offset, epoch, claimId, seq, hash, genesis, countedAt } = await loadCheckpoint(pool, schema, 0)
      assert.deepEqual({ ...second, ...{ offset, epoch, claimId, seq, hash, genesis } }, second)
      assert.equal(countedAt, -1n)
    }
  }))
