import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ClientBase } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { type ArrayElement, arrayLiteral } from './array-literal.ts'
import type { Parameter } from './projection.ts'

/**
 * Rows on their way into a table. A few go in by an INSERT, which can be part of a larger statement; more go in by COPY, the cheapest way in, and are turned
 * into its text as they come, so that a large batch is held as a few buffers and not as hundreds of thousands of objects.
 */
export function createRowBuffer<Row extends { readonly [Column in keyof Row]: ArrayElement }>(
  columns: Columns<Row>,
): RowBuffer<Row> {
  const names = columnNames(columns)
  const mayNeedEscapes = names.map((name) => !neverEscaped.has(columns[name]))
  const listed = names.map((name) => `"${name}"`).join(', ')
  let few: Row[] | undefined = []
  const chunks: Buffer[] = []
  let text = ''
  const addText = (rows: readonly Row[]) => {
    for (const row of rows) {
      for (let index = 0; index < names.length; index += 1) {
        const value = row[names[index] as keyof Row]
        if (index > 0) text += '\t'
        text += mayNeedEscapes[index] ? copyText(value) : copyPlain(value)
      }
      text += '\n'
      if (text.length < CHUNK_CHARACTERS) continue
      chunks.push(Buffer.from(text))
      text = ''
    }
  }
  const addFew = () => {
    addText(few ?? [])
    few = undefined
  }
  return {
    add(rows) {
      if (few && few.length + rows.length <= FEW) return void few.push(...rows)
      addFew()
      addText(rows)
    },
    isFew: () => few !== undefined,
    insertInto(table, parameter) {
      const rows = few
      assert(rows, 'more than a few rows go in by COPY')
      const arrays = names.map(
        (name) => `${parameter(arrayLiteral(rows.map((row) => row[name])))}::${sqlTypes[columns[name]]}[]`,
      )
      return `insert into ${table} (${listed}) select * from unnest(${arrays.join(', ')})`
    },
    async copyInto(client, table) {
      addFew()
      if (text !== '') chunks.push(Buffer.from(text))
      text = ''
      if (chunks.length === 0) return
      const target = client.query(copyFrom(`copy ${table} (${listed}) from stdin`))
      // The pipeline tells the first error. A lost connection can tell the stream once more, after the pipeline has let go of it, and an error
      // that nobody hears ends the process.
      target.on('error', () => undefined)
      await pipeline(Readable.from(chunks, { objectMode: false }), target)
    },
  }
}

export type Columns<Row> = { readonly [Column in keyof Row]-?: ColumnType }

/** PostgreSQL's types, and two that say what a value cannot hold: an `id` and an `instant` that their schemas checked hold nothing that COPY escapes. */
export type ColumnType = 'text' | 'id' | 'int4' | 'int8' | 'timestamptz' | 'instant' | 'jsonb' | 'bytea'

const sqlTypes: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  id: 'text',
  int4: 'int4',
  int8: 'int8',
  timestamptz: 'timestamptz',
  instant: 'timestamptz',
  jsonb: 'jsonb',
  bytea: 'bytea',
}
const neverEscaped: ReadonlySet<ColumnType> = new Set(['id', 'int4', 'int8', 'instant'])

export type RowBuffer<Row> = {
  add(rows: readonly Row[]): void
  /** Whether `insertInto` can take them. */
  isFew(): boolean
  /** The text of an INSERT of all that was added. */
  insertInto(table: string, parameter: Parameter): string
  /** Once, with all that was added. */
  copyInto(client: ClientBase, table: string): Promise<void>
}

/** A COPY of its own takes as long as some hundreds of rows in an INSERT. */
const FEW = 400
const CHUNK_CHARACTERS = 65_536

function columnNames<Row extends object>(columns: Columns<Row>): (keyof Row & string)[] {
  const isColumn = (name: string): name is keyof Row & string => name in columns
  return Object.keys(columns).filter(isColumn)
}

const special = /[\\\t\n\r]/
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** One value in COPY's text format: https://www.postgresql.org/docs/18/sql-copy.html */
function copyText(value: unknown): string {
  if (value === null || value === undefined) return '\\N'
  const text = String(value)
  return special.test(text) ? text.replace(/[\\\t\n\r]/g, (found) => escapes[found] ?? found) : text
}

function copyPlain(value: unknown): string {
  return value === null || value === undefined ? '\\N' : String(value)
}
