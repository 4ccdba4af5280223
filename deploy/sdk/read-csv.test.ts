import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { InputError } from './input-error.ts'
import { type CsvRow, readCsv } from './read-csv.ts'

const folder = await mkdtemp(join(tmpdir(), 'micropay-csv-'))
after(() => rm(folder, { recursive: true, force: true }))
const columns = { required: ['a', 'b'], optional: ['c'] }

async function all(source: AsyncIterable<CsvRow>): Promise<CsvRow[]> {
  const rows: CsvRow[] = []
  for await (const row of source) rows.push(row)
  return rows
}

async function rowsOf(name: string, content: string | Buffer) {
  const path = join(folder, name)
  await writeFile(path, content)
  return all(readCsv(path, columns))
}

test('rows carry their line, whatever the order of the columns, quotes, line ends and a byte order mark', async () => {
  const rows = await rowsOf('good.csv', '\ufeffb,c,a\r\n1,"x, ""y""\nz",2\r\n\r\n3,,4\r\n')
  assert.deepEqual(
    rows.map(({ line, fields }) => [line, { ...fields }]),
    [
      [3, { b: '1', c: 'x, "y"\nz', a: '2' }],
      [5, { b: '3', c: '', a: '4' }],
    ],
  )
})

test('gzip is known by its content', async () => {
  const rows = await rowsOf('packed.csv', gzipSync('a,b\n1,2\n'))
  assert.deepEqual(
    rows.map(({ fields }) => fields.b),
    ['2'],
  )
})

const packed = gzipSync(`a,b\n${Array.from({ length: 5000 }, (_, n) => `${n},${n * 7919}`).join('\n')}\n`)
const bad: readonly [string, string, string | Buffer, RegExp][] = [
  ['an empty file', 'empty.csv', '', /is empty/],
  ['a missing column', 'missing.csv', 'a,c\n1,2\n', /the column b is missing[\s\S]*must have: a,b; it may have: c/],
  ['an unknown column', 'unknown.csv', 'a,b,d\n1,2,3\n', /the column "d" is not known/],
  ['a column twice', 'twice.csv', 'a,b,b\n1,2,3\n', /the column b is there twice/],
  ['a row with too few fields', 'short.csv', 'a,b\n1,2\n3\n', /line 3/],
  ['an open quote', 'quote.csv', 'a,b\n1,"2\n', /Quote Not Closed/],
  ['a name in .gz without gzip in it', 'plain.csv.gz', 'a,b\n1,2\n', /not a gzip file/],
  ['a gzip file cut short', 'cut.csv.gz', packed.subarray(0, packed.length - 2000), /is damaged/],
]
for (const [title, name, content, expected] of bad) {
  test(`${title} is an error that names the file`, async () => {
    await assert.rejects(
      rowsOf(name, content),
      (error) => error instanceof InputError && expected.test(error.message) && error.message.includes(name),
    )
  })
}

test('a file that is not there, and a folder, are errors that say so', async () => {
  await assert.rejects(all(readCsv(join(folder, 'none.csv'), columns)), /There is no file .*none\.csv/)
  await assert.rejects(all(readCsv(folder, columns)), /is a folder/)
})
