import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { CsvError, parse } from 'csv-parse'
import { InputError } from './input-error.ts'
import { onlyUtf8 } from './only-utf8.ts'

export type CsvColumns = { readonly required: readonly string[]; readonly optional: readonly string[] }
export type CsvRow = { readonly line: number; readonly fields: Readonly<Record<string, string>> }

const maxRecordCharacters = 64 * 1024

/**
 * Reads a CSV file (RFC 4180, UTF-8, a header line; plain or gzip) row by row; a missing column reads as ''. Throws
 * InputError when there is no such file, its header has other columns, it is not UTF-8, or it cannot be read to the
 * end.
 */
export async function* readCsv(path: string, columns: CsvColumns): AsyncGenerator<CsvRow> {
  const isGzip = await probe(path)
  const parser = parse({
    columns: (header: string[]) => checkHeader(path, header, columns),
    bom: true,
    info: true,
    skip_empty_lines: true,
    max_record_size: maxRecordCharacters,
  })
  const source = createReadStream(path, { highWaterMark: 256 * 1024 })
  const finished = () => undefined
  if (isGzip) pipeline(source, createGunzip(), onlyUtf8(path), parser, finished)
  else pipeline(source, onlyUtf8(path), parser, finished)
  try {
    for await (const { record, info } of parser) yield { line: info.lines, fields: record }
  } catch (cause) {
    throw explain(path, cause)
  } finally {
    source.destroy()
  }
}

async function probe(path: string): Promise<boolean> {
  let file: FileHandle | undefined
  try {
    file = await open(path)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0)
    if (bytesRead === 0) throw new InputError(`${path} is empty: a header line and one line a payment are expected`)
    const isGzip = buffer[0] === 0x1f && buffer[1] === 0x8b
    if (path.endsWith('.gz') && !isGzip) {
      throw new InputError(`${path} is not a gzip file, though its name ends in .gz: compress it, or rename it`)
    }
    return isGzip
  } catch (cause) {
    throw explain(path, cause)
  } finally {
    await file?.close()
  }
}

function checkHeader(path: string, header: readonly string[], { required, optional }: CsvColumns): string[] {
  const names = header.map((name) => name.trim())
  const missing = required.filter((name) => !names.includes(name))
  const unknown = names.filter((name) => !required.includes(name) && !optional.includes(name))
  const twice = names.filter((name, index) => names.indexOf(name) !== index)
  const faults = [
    ...missing.map((name) => `the column ${name} is missing`),
    ...unknown.map((name) => `the column ${JSON.stringify(name)} is not known`),
    ...twice.map((name) => `the column ${name} is there twice`),
  ]
  if (faults.length === 0) return names
  const more = optional.length > 0 ? `; it may have: ${optional.join(',')}` : ''
  throw new InputError(
    `${path} has another header: ${faults.slice(0, 5).join(', ')}.\nThe first line must have: ${required.join(',')}${more}`,
  )
}

function explain(path: string, cause: unknown): Error {
  if (cause instanceof InputError) return cause
  if (cause instanceof CsvError) return new InputError(`${path} is not well-formed CSV: ${cause.message}`, { cause })
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (code === 'ENOENT') return new InputError(`There is no file ${path}`, { cause })
  if (code === 'EISDIR') return new InputError(`${path} is a folder: name a .csv or .csv.gz file`, { cause })
  if (code === 'EACCES') return new InputError(`${path} may not be read by you`, { cause })
  if (code.startsWith('Z_')) {
    return new InputError(`${path} is damaged: it cannot be decompressed to its end`, { cause })
  }
  return cause instanceof Error ? cause : new Error(String(cause))
}
