import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ClientBase } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { Parameter } from '../projection.ts'
import { type CopyRows, createCopyRows } from './copy-rows.ts'
import { columnNames, insertRows, listOf, type RowOf, type StoredTypes } from './insert-rows.ts'

/**
 * Rows on their way into a table. A few go in by an INSERT, which can be part of a larger statement; more go in by
 * COPY, the cheapest way in, and are turned into its format as they come, so that a large batch is held as a few
 * buffers and not as hundreds of thousands of objects.
 */
export function createRowBuffer<Row extends RowOf<Row>>(columns: StoredTypes<Row>): RowBuffer<Row> {
  const names = columnNames<Row>(columns)
  let few: Row[] | undefined = []
  let many: CopyRows<keyof Row & string> | undefined
  const asMany = () => {
    many ??= createCopyRows(names.map((name) => [name, columns[name]]))
    if (few) many.add(few)
    few = undefined
    return many
  }
  return {
    add(rows) {
      if (few && few.length + rows.length <= FEW) few.push(...rows)
      else asMany().add(rows)
    },
    isFew: () => few !== undefined,
    insertInto(table, parameter) {
      assert(few, 'more than a few rows go in by COPY')
      return insertRows(table, columns, few, parameter)
    },
    async copyInto(client, table) {
      if (few?.length === 0) return
      const chunks = asMany().end()
      const target = client.query(copyFrom(`copy ${table} (${listOf(names)}) from stdin (format binary)`))
      // The pipeline tells the first error. A lost connection can tell the stream once more, after the pipeline has
      // let go of it, and an error that nobody hears ends the process.
      target.on('error', () => undefined)
      await pipeline(Readable.from(chunks, { objectMode: false }), target)
    },
  }
}

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
