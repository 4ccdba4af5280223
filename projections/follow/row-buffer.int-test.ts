import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Columns, createRowBuffer } from './row-buffer.ts'
import { openTestDatabase } from './test-database.fixture.ts'

type Row = { readonly id: number; readonly amount: bigint | null; readonly text: string | null }
const columns: Columns<Row> = { id: 'int4', amount: 'int8', text: 'text' }

test('rows arrive as they were added, whatever their texts hold', async () => {
  const database = await openTestDatabase()
  const client = await database.pool.connect()
  try {
    await client.query('create table target (id int, amount int8, text text)')
    // PostgreSQL holds no NUL and no half of a surrogate pair.
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0') && value.isWellFormed())
    const awkward = fc.constantFrom('\\', '\\N', '\\.', '\t', '\n', '\r\n', '', ' ', 'a\\tb', '\u0001\u007f')
    const row = fc.record({
      amount: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      text: fc.option(fc.oneof(text, awkward)),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 30 }), async (made) => {
        const rows = made.map((values, id) => ({ id, ...values }))
        const expected = rows.map(({ id, amount, text }) => ({ id, amount: amount?.toString() ?? null, text }))
        const arrived = () => client.query('select id, amount::text, text from target order by id')
        const buffer = createRowBuffer(columns)
        buffer.add(rows)
        assert.ok(buffer.isFew())
        await client.query('truncate target')
        const values: unknown[] = []
        await client.query(
          buffer.insertInto('target', (value) => `$${values.push(value)}`),
          values,
        )
        assert.deepEqual((await arrived()).rows, expected)
        await client.query('truncate target')
        await buffer.copyInto(client, 'target')
        assert.deepEqual((await arrived()).rows, expected)
      }),
      { numRuns: 50, examples: [[[{ amount: null, text: '\\N' }]]] },
    )
  } finally {
    client.release()
    await database.close()
  }
})

test('more rows than one chunk holds all arrive, in as many calls as they come', async () => {
  const database = await openTestDatabase()
  const client = await database.pool.connect()
  try {
    await client.query('create table target (id int, amount int8, text text)')
    const buffer = createRowBuffer(columns)
    for (let start = 0; start < 5_000; start += 1_000) {
      buffer.add(Array.from({ length: 1_000 }, (_, index) => ({ id: start + index, amount: 1n, text: 'é'.repeat(40) })))
    }
    assert.ok(!buffer.isFew())
    await buffer.copyInto(client, 'target')
    const { rows } = await client.query('select count(distinct id)::int, sum(amount)::int, min(text) from target')
    assert.deepEqual(rows, [{ count: 5_000, sum: 5_000, min: 'é'.repeat(40) }])
  } finally {
    client.release()
    await database.close()
  }
})

test('400 rows are few, and one more is not, however they come', () => {
  const rows = Array.from({ length: 401 }, (_, id) => ({ id, amount: 1n, text: 't' }))
  for (const steps of [[400], [1, 399], [401], [400, 1], [1, 400]]) {
    const buffer = createRowBuffer(columns)
    let from = 0
    for (const step of steps) {
      buffer.add(rows.slice(from, from + step))
      from += step
    }
    assert.equal(buffer.isFew(), from <= 400, String(steps))
    if (from > 400) assert.throws(() => buffer.insertInto('target', String), /COPY/)
  }
})
