import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ClientBase } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'

/** Appends rows by COPY, the cheapest way in; the values stand in the order of `columns`. */
export async function copyRows<Row>(
  client: ClientBase,
  table: string,
  columns: readonly (keyof Row & string)[],
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return
  const target = client.query(
    copyFrom(`copy ${table} (${columns.map((column) => `"${column}"`).join(', ')}) from stdin`),
  )
  // The pipeline tells the first error. A lost connection can tell the stream once more, after the pipeline has let go of it, and an error that
  // nobody hears ends the process.
  target.on('error', () => undefined)
  await pipeline(Readable.from(chunksOf(columns, rows), { objectMode: false }), target)
}

const ROWS_A_CHUNK = 500

function* chunksOf<Row>(columns: readonly (keyof Row & string)[], rows: readonly Row[]): Generator<Buffer> {
  for (let start = 0; start < rows.length; start += ROWS_A_CHUNK) {
    let text = ''
    for (const row of rows.slice(start, start + ROWS_A_CHUNK)) {
      for (let index = 0; index < columns.length; index += 1) {
        const column = columns[index]
        if (column === undefined) continue
        text += index === 0 ? copyText(row[column]) : `\t${copyText(row[column])}`
      }
      text += '\n'
    }
    yield Buffer.from(text)
  }
}

const special = /[\\\t\n\r]/
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** One value in COPY's text format: https://www.postgresql.org/docs/18/sql-copy.html */
export function copyText(value: unknown): string {
  if (value === null || value === undefined) return '\\N'
  const text = String(value)
  return special.test(text) ? text.replace(/[\\\t\n\r]/g, (found) => escapes[found] ?? found) : text
}
