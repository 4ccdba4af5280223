import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ClientBase } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'

/**
 * Rows on their way into a table by COPY, the cheapest way in. They are turned into its text as they come, so that a large batch is held as a few
 * buffers and not as hundreds of thousands of objects.
 */
export function createCopyBuffer<Row extends object>(columns: CopyColumns<Row>): CopyBuffer<Row> {
  const names = columnNames(columns)
  const mayNeedEscapes = names.map((name) => columns[name] === 'text')
  const chunks: Buffer[] = []
  let text = ''
  return {
    add(rows) {
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
    },
    async copyInto(client, table) {
      if (text !== '') chunks.push(Buffer.from(text))
      text = ''
      if (chunks.length === 0) return
      const target = client.query(copyFrom(`copy ${table} (${names.map((name) => `"${name}"`).join(', ')}) from stdin`))
      // The pipeline tells the first error. A lost connection can tell the stream once more, after the pipeline has let go of it, and an error
      // that nobody hears ends the process.
      target.on('error', () => undefined)
      await pipeline(Readable.from(chunks, { objectMode: false }), target)
    },
  }
}

/** `text` may hold any character; `plain` holds none that COPY escapes: numbers, instants, and ids whose schema allows none. */
export type CopyColumns<Row> = { readonly [Column in keyof Row]-?: 'plain' | 'text' }

export type CopyBuffer<Row> = {
  add(rows: readonly Row[]): void
  /** Once, with all that was added. */
  copyInto(client: ClientBase, table: string): Promise<void>
}

const CHUNK_CHARACTERS = 65_536

function columnNames<Row extends object>(columns: CopyColumns<Row>): (keyof Row & string)[] {
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
