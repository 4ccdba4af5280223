import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { type CsvCell, csvLine } from './csv.ts'

/** So many rows a file holds at most; a list that has more says so instead of breaking off. */
export const MAX_CSV_ROWS = 100_000

/** Answers a view as a CSV file. */
export function sendRows(
  reply: FastifyReply,
  name: string,
  columns: readonly string[],
  rows: readonly (readonly CsvCell[])[],
): FastifyReply {
  const lines = [csvLine(columns), ...rows.map(csvLine)]
  return reply
    .type('text/csv; charset=utf-8; header=present')
    .header('content-disposition', `attachment; filename="${name}.csv"`)
    .send(Readable.from(lines, { objectMode: false }))
}
