import { isUtf8 } from 'node:buffer'
import { InputError } from './input-error.ts'

const newline = 0x0a
const carriageReturn = 0x0d

/**
 * Passes a file's bytes on as they are while they are UTF-8, however they are cut into chunks; throws InputError with
 * the line of the first that are not. A lenient decoder would put U+FFFD in their place, and the ledger would keep it.
 */
export function onlyUtf8(path: string) {
  return async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const lines = countLines()
    let begun: Buffer = Buffer.alloc(0)
    for await (const chunk of chunks) {
      const bytes = begun.length === 0 ? chunk : Buffer.concat([begun, chunk])
      const whole = bytes.subarray(0, bytes.length - unfinished(bytes))
      if (!isUtf8(whole)) throw notUtf8(path, lines.add(whole.subarray(0, firstFault(whole))))
      lines.add(whole)
      begun = bytes.subarray(whole.length)
      if (whole.length > 0) yield whole
    }
    if (begun.length > 0) throw notUtf8(path, lines.add(begun.subarray(0, 0)))
  }
}

function notUtf8(path: string, line: number): InputError {
  return new InputError(
    `${path}: line ${line} is not UTF-8: save the file as UTF-8 (it may be Latin-1, Windows-1252 or UTF-16)`,
  )
}

/** How many bytes at the end begin a character that the next chunk may finish. */
function unfinished(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) return 0
    if (byte < 0xc0) continue
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return needed > back ? back : 0
  }
  return 0
}

/** Where the lines that are UTF-8 end: halving finds the first that is not, since what is before it is. */
function firstFault(bytes: Buffer): number {
  let good = 0
  let bad = bytes.length
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2)
    const part = bytes.subarray(0, middle)
    if (isUtf8(part.subarray(0, part.length - unfinished(part)))) good = middle
    else bad = middle
  }
  return good
}

/** Counts lines that end by LF, by CR LF or, where there is no LF at all, by CR. */
function countLines() {
  let feeds = 0
  let returns = 0
  return {
    /** The number of the line in which the byte after these stands. */
    add(bytes: Buffer): number {
      feeds += occurrences(bytes, newline)
      if (feeds === 0) returns += occurrences(bytes, carriageReturn)
      return 1 + (feeds || returns)
    },
  }
}

function occurrences(bytes: Buffer, byte: number): number {
  let count = 0
  for (let at = bytes.indexOf(byte); at >= 0; at = bytes.indexOf(byte, at + 1)) count += 1
  return count
}
