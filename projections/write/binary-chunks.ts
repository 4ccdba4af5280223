/** Any value that is no text, and its length before it. */
export const MOST_FIXED_BYTES = 64
const CHUNK_BYTES = 64 * 1024

/** Bytes on their way out, filled one chunk after the other. */
export class Chunks {
  bytes = Buffer.allocUnsafe(CHUNK_BYTES)
  view = viewOf(this.bytes)
  /** Where the next byte goes. */
  at = 0
  readonly #full: Buffer[] = []

  /** Makes room for so many bytes. What is sent is a stream: a row may begin in one chunk and end in the next. */
  reserve(length: number): void {
    if (this.at + length <= this.bytes.byteLength) return
    this.#full.push(this.bytes.subarray(0, this.at))
    this.bytes = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, length))
    this.view = viewOf(this.bytes)
    this.at = 0
  }

  all(): readonly Buffer[] {
    return [...this.#full, this.bytes.subarray(0, this.at)]
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
