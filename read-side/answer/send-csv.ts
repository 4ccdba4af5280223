import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { Reader } from '../position/await-position.ts'
import { inSnapshot, type Snapshot } from '../position/snapshot.ts'
import { type CsvCell, csvLine } from './csv.ts'

/** Rows fetched for the file at a time: each page is read in a snapshot of its own, and only as fast as the reader takes it. */
export const CSV_PAGE_ROWS = 1_000

export type CsvPage<Place> = { readonly lines: readonly (readonly CsvCell[])[]; readonly next: Place | undefined }

/** Streams a list as a file. The first page comes from the caller, whose request may still fail; an error later breaks the transfer off. */
export function sendCsv<Tables, Place>(
  reply: FastifyReply,
  reader: Reader<Tables>,
  file: { readonly name: string; readonly columns: readonly string[] },
  first: CsvPage<Place>,
  pageAfter: (snapshot: Snapshot<Tables>, place: Place) => Promise<CsvPage<Place>>,
): FastifyReply {
  async function* lines(): AsyncGenerator<string> {
    yield csvLine(file.columns)
    let page = first
    for (;;) {
      const text = page.lines.map(csvLine).join('')
      if (text !== '') yield text
      const { next } = page
      if (next === undefined) return
      const following = await inSnapshot(reader.model, (snapshot) => pageAfter(snapshot, next))
      if (!following) throw new Error('the read model is gone')
      page = following
    }
  }
  return reply
    .type('text/csv; charset=utf-8; header=present')
    .header('content-disposition', `attachment; filename="${file.name}"`)
    .send(Readable.from(lines(), { objectMode: false }))
}
