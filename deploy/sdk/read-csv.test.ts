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

const latin1 = (text: string) => Buffer.from(text, 'latin1')
const filler = (lines: number) => Buffer.from(`${'1,ü\n'.repeat(lines)}`)
const notUtf8: readonly (readonly [string, number, Buffer])[] = [
  ['latin-1', 2, latin1('a,b\n1,Gebühr\n')],
  ['latin-1 behind a byte order mark', 2, Buffer.concat([Buffer.from('\ufeffa,b\r\n'), latin1('1,Gebühr\r\n')])],
  ['latin-1 in the header', 1, latin1('a,b,ü\n1,2,3\n')],
  ['latin-1 at the end of a line', 3, latin1('a,b\n1,2\n1,ü\n1,2\n')],
  ['the last byte of the file', 3, latin1('a,b\n1,2\n1,\xe4')],
  ['lines that end by CR alone', 3, latin1('a,b\r1,2\r1,ü\r')],
  ['UTF-16', 1, Buffer.from('\ufeffa,b\n1,2\n', 'utf16le')],
  ['a half of a pair', 2, Buffer.from([...Buffer.from('a,b\n1,'), 0xed, 0xa0, 0x80])],
  ['a character in more bytes than it needs', 2, Buffer.from([...Buffer.from('a,b\n1,'), 0xc0, 0xaf])],
  ['far behind the first chunk', 200_002, Buffer.concat([Buffer.from('a,b\n'), filler(200_000), latin1('1,ü\n')])],
]
for (const [title, line, content] of notUtf8) {
  for (const name of ['plain', 'packed']) {
    test(`bytes that are not UTF-8 are refused with their line: ${title}, ${name}`, async () => {
      await assert.rejects(
        rowsOf(`${name}.csv`, name === 'packed' ? gzipSync(content) : content),
        (error) => error instanceof InputError && error.message.includes(`${name}.csv: line ${line} is not UTF-8: `),
      )
    })
  }
}

test('characters of two to four bytes stand where they stood, wherever a chunk ends', async () => {
  const texts = Array.from({ length: 90_000 }, (_, index) => `${'x'.repeat(index % 7)}ü€😀`)
  const rows = await rowsOf('chunks.csv', `a,b\n${texts.map((text) => `1,${text}`).join('\n')}`)
  assert.deepEqual(
    rows.map(({ fields }) => fields.b),
    texts,
  )
})

test('a file that is not there, and a folder, are errors that say so', async () => {
  await assert.rejects(all(readCsv(join(folder, 'none.csv'), columns)), /There is no file .*none\.csv/)
  await assert.rejects(all(readCsv(folder, columns)), /is a folder/)
})
