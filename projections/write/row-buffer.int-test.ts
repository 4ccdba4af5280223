import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ProjectionError } from '../projection.ts'
import { openTestDatabase } from '../versions/test-database.fixture.ts'
import type { StoredTypes } from './insert-rows.ts'
import { createRowBuffer } from './row-buffer.ts'

type Row = {
  readonly id: number
  readonly amount: bigint | null
  readonly sum: bigint | null
  readonly text: string | null
  readonly at: string | null
  readonly data: string | null
  readonly hash: string | null
}
const columns: StoredTypes<Row> = {
  id: 'int4',
  amount: 'int8',
  sum: 'numeric',
  text: 'text',
  at: 'timestamptz',
  data: 'jsonb',
  hash: 'digest',
}
const target =
  'create table target (id int, amount int8, sum numeric, text text, at timestamptz, data jsonb, hash bytea)'
const nothing: Omit<Row, 'id'> = { amount: null, sum: null, text: null, at: null, data: null, hash: null }

// PostgreSQL holds no NUL and no half of a surrogate pair.
const texts = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0') && value.isWellFormed())
const awkward = fc.constantFrom(
  '\\',
  '\\N',
  '\\.',
  '\t',
  '\n',
  '\r\n',
  '',
  ' ',
  'a\\tb',
  '\u0001\u007f',
  'é'.repeat(70_000),
)
const offsets = fc.constantFrom('Z', '+00:00', '-05:30', '+14:00')
const fractions = fc.oneof(fc.constant(''), fc.stringMatching(/^\.[0-9]{1,6}$/))
const instants = fc
  .tuple(fc.date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true }), fractions, offsets)
  .map(([date, fraction, offset]) => `${date.toISOString().slice(0, 19)}${fraction}${offset}`)
const sums = fc.oneof(
  fc.bigInt(),
  fc.nat({ max: 30 }).map((zeros) => 10n ** BigInt(zeros)),
  fc.constant(0n),
)
const rows = fc.array(
  fc.record({
    amount: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    sum: fc.option(sums),
    text: fc.option(fc.oneof(texts, awkward)),
    at: fc.option(instants),
    data: fc.option(fc.dictionary(texts, texts).map((value) => JSON.stringify(value))),
    hash: fc.option(
      fc.uint8Array({ maxLength: 100, size: 'max' }).map((bytes) => Buffer.from(bytes).toString('base64url')),
    ),
  }),
  { maxLength: 30 },
)

test('rows arrive as they were added, whatever they hold', async () => {
  const database = await openTestDatabase()
  const client = await database.pool.connect()
  try {
    await client.query(target)
    await fc.assert(
      fc.asyncProperty(rows, async (made) => {
        const added = made.map((values, id) => ({ id, ...values }))
        // As PostgreSQL reads each value's own text.
        const expected = await Promise.all(
          added.map(async ({ id, amount, sum, text, at, data, hash }) => {
            const read = await client.query('select $1::timestamptz::text as at, $2::jsonb as data', [at, data])
            const bytes = hash === null ? null : Buffer.from(hash, 'base64url')
            return {
              id,
              amount: amount?.toString() ?? null,
              sum: sum?.toString() ?? null,
              text,
              ...read.rows[0],
              hash: bytes,
            }
          }),
        )
        const arrived = async () =>
          (await client.query('select id, amount::text, sum::text, text, at::text, data, hash from target order by id'))
            .rows
        const buffer = createRowBuffer(columns)
        buffer.add(added)
        assert.ok(buffer.isFew())
        await client.query('truncate target')
        const values: unknown[] = []
        await client.query(
          buffer.insertInto('target', (value) => `$${values.push(value)}`),
          values,
        )
        assert.deepEqual(await arrived(), expected)
        await client.query('truncate target')
        await buffer.copyInto(client, 'target')
        assert.deepEqual(await arrived(), expected)
      }),
      { numRuns: 50, examples: [[[{ ...nothing, text: '\\N', at: '2026-03-01T09:30:00.1Z' }]]] },
    )
  } finally {
    client.release()
    await database.close()
  }
})

test('a value that its column cannot hold fails the COPY, which writes nothing', async () => {
  const database = await openTestDatabase()
  const client = await database.pool.connect()
  try {
    await client.query(target)
    const refused: Partial<Row>[] = [
      { amount: 2n ** 63n },
      { amount: -(2n ** 63n) - 1n },
      { sum: JSON.parse('1.5') },
      { id: 2 ** 31 },
      { id: 1.5 },
      { id: Number.NaN },
      { at: 'yesterday' },
      { at: '2026-13-01T00:00:00Z' },
      { at: '2026-03-01' },
      { at: '2026-02-29T00:00:00Z' },
      { at: '' },
      { hash: 'not base64url' },
    ]
    for (const one of refused) {
      const buffer = createRowBuffer(columns)
      buffer.add([{ id: 1, ...nothing }])
      buffer.add([{ id: 2, ...nothing, ...one }])
      buffer.add([{ id: 3, ...nothing }])
      await assert.rejects(buffer.copyInto(client, 'target'), ProjectionError)
      assert.deepEqual((await client.query('select count(*)::int from target')).rows, [{ count: 0 }])
    }
  } finally {
    client.release()
    await database.close()
  }
})

test('more rows than one chunk holds all arrive, in as many calls as they come', async () => {
  const database = await openTestDatabase()
  const client = await database.pool.connect()
  try {
    await client.query(target)
    const buffer = createRowBuffer(columns)
    for (let start = 0; start < 5_000; start += 1_000) {
      buffer.add(
        Array.from({ length: 1_000 }, (_, index) => ({
          ...nothing,
          id: start + index,
          amount: 1n,
          text: 'é'.repeat(40),
        })),
      )
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
  const rows = Array.from({ length: 401 }, (_, id) => ({ ...nothing, id }))
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
