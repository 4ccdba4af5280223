import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { openTestDatabase } from '../versions/test-database.fixture.ts'
import { arrayLiteral } from './array-literal.ts'

let database: Awaited<ReturnType<typeof openTestDatabase>>
before(async () => {
  database = await openTestDatabase()
})
after(() => database.close())

test('PostgreSQL reads the very elements, whatever they hold', async () => {
  // PostgreSQL's text holds any character but U+0000.
  const texts = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'))
  const awkward = fc.constantFrom('', 'NULL', 'null', '"', '\\', '{}', '{berka}:576', 'a,b', ' x ', '\n', '\t', '\\"')
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(fc.oneof(texts, awkward))), async (values) => {
      const read = await database.pool.query('select $1::text[] as values', [arrayLiteral(values)])
      assert.deepEqual(read.rows[0].values, values)
    }),
    { numRuns: 200 },
  )
  const numbers = await database.pool.query('select $1::int8[]::text as values', [
    arrayLiteral([-5n, 7, null, 2n ** 62n]),
  ])
  assert.equal(numbers.rows[0].values, '{-5,7,NULL,4611686018427387904}')
})
