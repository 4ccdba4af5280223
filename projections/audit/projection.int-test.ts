import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foldBatch } from '@micropay/event-log/fold-batch'
import { initialFold } from '@micropay/event-log/fold-state'
import { createLedger } from '@micropay/event-log/ledger.fixture'
import { openTestDatabase } from '../versions/test-database.fixture.ts'
import { auditProjection } from './projection.ts'

test('a refusal may name an account of another partition, at a sequence that is taken there', async () => {
  const database = await openTestDatabase()
  const client = await database.pool.connect()
  const schema = 'audited'
  try {
    await client.query(`create schema ${schema}`)
    await auditProjection.createTables(client, schema)
    for (const statement of auditProjection.indexes(schema)) await client.query(statement)
    const [here, there] = [createLedger(0, 2), createLedger(1, 2)]
    const books = [
      [here.genesis(), here.claim(), here.refuse({ postings: [{ from: 'ben', to: 'ada' }] })],
      [there.genesis(), there.claim(), there.open('ben')],
    ]
    for (const [partition, records] of books.entries()) {
      const stored = records.map((record, offset) => ({ ...record, offset: BigInt(offset) }))
      const { commits, folds, error } = foldBatch(initialFold(partition), stored, { partitions: 2 })
      assert.equal(error, undefined)
      const writer = auditProjection.openWriter(schema, partition)
      writer.fold(commits, folds)
      await writer.take().write(client)
    }
    const { rows } = await client.query(
      `select partition, seq::int from ${schema}.account_record where account_id = 'ben' order by 1`,
    )
    assert.deepEqual(rows, [
      { partition: 0, seq: 1 },
      { partition: 1, seq: 1 },
    ])
  } finally {
    client.release()
    await database.close()
  }
})
