import { Readable } from 'node:stream'
import { ProblemError } from '@micropay/runtime/problem-error'
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { readNow } from '../position/await-position.ts'
import type { ReadModel } from '../position/open-database.ts'
import type { Snapshot } from '../position/snapshot.ts'
import { type CsvColumns, csvLine } from './csv.ts'

/**
 * Answers a list as a CSV file: the header of its columns, and a line for each row, only as fast as the reader takes
 * them. `pages` are the rows, whole or as they are fetched; an error in them, once the answer has begun, breaks the
 * transfer off.
 */
export function sendCsv<Row>(
  reply: FastifyReply,
  { name, columns }: CsvFile<Row>,
  pages: Iterable<readonly Row[]> | AsyncIterable<readonly Row[]>,
): FastifyReply {
  const cellsOf = Object.values(columns)
  async function* lines(): AsyncGenerator<string> {
    yield csvLine(Object.keys(columns))
    for await (const rows of pages) {
      for (let at = 0; at < rows.length; at += CSV_PAGE_ROWS) {
        const some = rows.slice(at, at + CSV_PAGE_ROWS)
        yield some.map((row) => csvLine(cellsOf.map((cellOf) => cellOf(row)))).join('')
      }
    }
  }
  return reply
    .type('text/csv; charset=utf-8; header=present')
    .header('content-disposition', `attachment; filename="${name}.csv"`)
    .send(Readable.from(lines(), { objectMode: false }))
}

/** `name` without its ending. */
export type CsvFile<Row> = { readonly name: string; readonly columns: CsvColumns<Row> }

/** Rows fetched for a file at a time, where it is fetched by pages. */
export const CSV_PAGE_ROWS = 1_000

/** So many rows a file holds at most that is read at once; a list that has more says so instead of breaking off. */
export const MAX_CSV_ROWS = 100_000

/**
 * A file is whole or refused: `most` are the rows that it may have, `advice` what there are more of, and what to do.
 */
export function checkWhole(isWhole: boolean, most: number, advice: string): void {
  if (!isWhole) throw new ProblemError('invalid_request', `that is more than ${most} ${advice}`)
}

/** Whether a list is wanted as a file. */
export const format = z.enum(['json', 'csv']).default('json')

export type CsvPage<Row, Place> = { readonly rows: readonly Row[]; readonly next: Place | undefined }

/**
 * All pages of a list, however long: the first comes from the caller, whose request may still fail, and each of the
 * others is read in a snapshot of its own.
 */
export async function* pagesFrom<Tables, Row, Place>(
  model: ReadModel<Tables>,
  first: CsvPage<Row, Place>,
  pageAfter: (snapshot: Snapshot<Tables>, place: Place) => Promise<CsvPage<Row, Place>>,
): AsyncGenerator<readonly Row[]> {
  yield first.rows
  for (let { next } = first; next !== undefined; ) {
    const place = next
    const page = await readNow(model, (snapshot) => pageAfter(snapshot, place))
    yield page.rows
    next = page.next
  }
}
